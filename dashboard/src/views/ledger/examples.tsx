import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type LedgerExamples, ledgerExamplesSchema, type NewRule } from '#schemas/api/ledger.ts';
import type { Outcome } from '#schemas/event.ts';
import { useApi } from '../../api/context.tsx';
import type { Subject } from '../../api/queries.ts';
import { countryName } from '../../format/names.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import { Empty, Loaded } from '../../components/panel.tsx';
import type { Range } from '../../range/range.ts';
import { Reclassify } from './reclassify.tsx';

/** Outcomes that a rule can turn around: the others are facts about the request, not evaluations. */
const evaluated: readonly Outcome[] = ['counted', 'bot'];

interface ExamplesProps {
  subject: Subject;
  page: string;
  outcome: Outcome;
  range: Range;
}

/** What the events of an outcome have in common, from the stored events. */
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
          if (rows.length === 0) return <Empty>No stored event of this kind in the hours that have settled.</Empty>;
          return (
            <div className="table-scroll" tabIndex={0} role="region" aria-label="Examples">
              <table>
                <thead>
                  <tr>
                    <th scope="col">From</th>
                    <th scope="col" className="text">
                      Rule
                    </th>
                    <th scope="col" className="text">
                      Country
                    </th>
                    <th scope="col">Last</th>
                    <th scope="col">Events</th>
                    <th scope="col">
                      <span className="visually-hidden">Action</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={[row.rule, row.family, row.bot, row.country, row.referrer].join('|')}>
                      <th scope="row" dir="auto">
                        {row.bot ?? row.family ?? 'Unknown'}
                        {row.referrer !== null && <small> via {row.referrer}</small>}
                      </th>
                      <td className="text">
                        <code>{row.rule}</code>
                      </td>
                      <td className="text">{row.country === null ? '–' : countryName(row.country)}</td>
                      <td>{formatLocalHour(row.lastHour)}</td>
                      <td>{formatCount(row.events)}</td>
                      <td>
                        {evaluated.includes(outcome) && (
                          <button
                            type="button"
                            className="quiet small"
                            onClick={() => setProposal(proposeRule(row, outcome))}
                          >
                            {outcome === 'counted' ? 'Do not count…' : 'Count these…'}
                          </button>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
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

/** The narrowest thing that the events of a row have in common. */
function proposeRule(row: Example, outcome: Outcome): Pick<NewRule, 'field' | 'value' | 'outcome'> {
  const turned = outcome === 'counted' ? 'bot' : 'counted';
  if (row.bot !== null) return { field: 'bot', value: row.bot, outcome: turned };
  if (row.referrer !== null) return { field: 'referrer', value: row.referrer, outcome: turned };
  return { field: 'rule', value: row.rule, outcome: turned };
}
