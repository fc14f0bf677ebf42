import type { Stats } from '#schemas/api.ts';
import type { ConversionKind } from '#schemas/event.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatAmounts, formatCount, formatShare } from '../../format/numbers.ts';

/** What visitors did that matters to business, if anything. Live, as the totals. */
export function Conversions({ stats }: { stats: Stats | undefined }) {
  const conversions = stats?.conversions ?? null;
  if (conversions === null || conversions.kinds.length === 0) return null;
  return (
    <Panel
      title="Conversions"
      hint={
        <>
          <p>Custom events that are leads, carts, sales or refunds, by their name or because they have an amount.</p>
          <p>
            Revenue is sales less refunds; different currencies are never added up. The rate is per view, or per click
            if links are mostly followed elsewhere.
          </p>
        </>
      }
    >
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
            <th scope="row">{kindNames[kind]}</th>
            <td>{formatCount(count)}</td>
            <td>{formatShare(rate)}</td>
          </tr>
        ))}
      </DataTable>
    </Panel>
  );
}

const kindNames: Readonly<Record<ConversionKind, string>> = {
  lead: 'Leads',
  cart: 'Carts',
  sale: 'Sales',
  refund: 'Refunds',
};
