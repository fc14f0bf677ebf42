import { conversionNames } from '#core/stats/conversion-words.ts';
import type { Stats } from '#schemas/api.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatAmounts, formatCount, formatShare } from '../../format/numbers.ts';

/** What visitors did that matters to business, if anything. Live, as the totals. */
export function Conversions({ stats }: { stats: Stats | undefined }) {
  return <ConversionsPanel conversions={stats?.conversions ?? null} />;
}

export function ConversionsPanel({ conversions }: Pick<Stats, 'conversions'>) {
  if (conversions === null || conversions.kinds.length === 0) return null;
  return (
    <Panel title="Conversions" className="conversions-panel">
      {conversions.revenue.length > 0 && (
        <dl className="balance">
          <div>
            <dt>Revenue</dt>
            <dd>{formatAmounts(conversions.revenue)}</dd>
          </div>
        </dl>
      )}
      <DataTable label="Conversions by kind" columns={['Kind', 'Count', 'Rate']}>
        {conversions.kinds.map(({ kind, count, rate }) => (
          <tr key={kind}>
            <th scope="row">{conversionNames[kind]}</th>
            <td>{formatCount(count)}</td>
            <td>{formatShare(rate)}</td>
          </tr>
        ))}
      </DataTable>
    </Panel>
  );
}
