import type { Retention } from '#schemas/api/insights/retention.ts';
import type { Data } from '../../expand/data-table.ts';
import { formatShare } from '../../format/numbers.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

/** Returns one row per cell, for the dialog and its CSV. The note says what the rows are about. */
export function toRetentionData({ by, cohorts, coverage, settledThrough }: Retention): Data {
  return {
    columns: [
      { name: `First ${by}`, kind: 'point' },
      { name: 'People', kind: 'text' },
      { name: `${names[by]} after`, kind: 'count' },
      { name: 'Came back', kind: 'text' },
      { name: 'Rate', kind: 'share' },
      { name: 'State', kind: 'text' },
    ],
    rows: cohorts.flatMap(({ period, size, cells }) =>
      size === '<5'
        ? [{ key: period, values: [period, size, null, '', null, 'hidden'] }]
        : cells
            .filter(({ state, back }) => state !== 'future' && back !== null)
            .map(({ k, back, rate, state }) => ({
              key: `${period} ${k}`,
              values: [period, String(size), k, String(back), rate, state],
            })),
    ),
    note: `${formatShare(coverage.share)} of the events have the id of a person. Settled through ${settledThrough ?? '–'}.`,
  };
}

const names: Readonly<Record<PeriodUnit, string>> = { day: 'Days', week: 'Weeks', month: 'Months' };
