import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type LedgerExamples, ledgerExamplesSchema, type NewRule } from '#schemas/api/ledger.ts';
import type { Outcome } from '#schemas/event.ts';
import { useApi } from '../../api/context.tsx';
import type { Subject } from '../../api/queries.ts';
import { countryName } from '../../format/names.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty, Loaded } from '../../components/panel.tsx';
import type { Range } from '../../range/range.ts';
import { Reclassify } from './reclassify.tsx';

/** Outcomes that a rule can change. The others are facts about the request. */
const reclassifiable: readonly Outcome[] = ['counted', 'bot'];

const columns: Column[] = [
  'Source',
  { name: 'Rule', align: 'text' },
  { name: 'Country', align: 'text' },
  'Last seen',
  'Events',
  { name: 'Action', hidden: true },
];

interface ExamplesProps {
  subject: Subject;
  page: string;
  outcome: Outcome;
  range: Range;
}

/** The most frequent kinds of stored events with an outcome. */
export function Examples({ subject, page, outcome, range }: ExamplesProps) {
  const api = useApi();
  const [proposal, setProposal] = useState<Pick<NewRule, 'field' | 'value' | 'outcome'>>();
  const query = { outcome, from: range.from, to: range.to, link: subject.kind === 'links' ? subject.name : undefined };
  const examples = useQuery({
    queryKey: ['examples', page, query],
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/ledger/examples', ledgerExamplesSchema, { param: { page }, query, signal }),
  });
  return (
    <div className="examples">
      {proposal && <Reclassify page={page} proposal={proposal} onClose={() => setProposal(undefined)} />}
      <Loaded query={examples} rows={3}>
        {({ rows }) => {
          if (rows.length === 0) return <Empty>No examples yet. They appear when the hour has settled.</Empty>;
          return (
            <DataTable label="Examples" columns={columns}>
              {rows.map((row) => (
                <tr key={[row.rule, row.family, row.bot, row.country, row.referrer, row.requested].join('|')}>
                  <th scope="row" dir="auto">
                    {row.bot ?? row.family ?? 'Unknown'}
                    {row.referrer !== null && <small> via {row.referrer}</small>}
                  </th>
                  <td className="text">
                    <code>{row.rule}</code>
                    {row.requested !== null && <small> {row.requested}</small>}
                  </td>
                  <td className="text">{row.country === null ? '–' : countryName(row.country)}</td>
                  <td>{formatLocalHour(row.lastHour)}</td>
                  <td>{formatCount(row.events)}</td>
                  <td>
                    {reclassifiable.includes(outcome) && (
                      <button
                        type="button"
                        className="quiet small"
                        onClick={() => setProposal(proposeRule(row, outcome))}
                      >
                        {outcome === 'counted' ? 'Exclude these…' : 'Count these…'}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </DataTable>
          );
        }}
      </Loaded>
    </div>
  );
}

function formatLocalHour(hour: string): string {
  return `${formatDate(hour.slice(0, 10))}, ${hour.slice(11, 13)}:00`;
}

type Example = LedgerExamples['rows'][number];

/** Proposes a rule for the most specific value that the row's events share. */
function proposeRule(row: Example, outcome: Outcome): Pick<NewRule, 'field' | 'value' | 'outcome'> {
  const opposite = outcome === 'counted' ? 'bot' : 'counted';
  if (row.rule.startsWith('behavior.')) return { field: 'rule', value: row.rule, outcome: opposite };
  if (row.bot !== null) return { field: 'bot', value: row.bot, outcome: opposite };
  if (row.referrer !== null) return { field: 'referrer', value: row.referrer, outcome: opposite };
  return { field: 'rule', value: row.rule, outcome: opposite };
}
