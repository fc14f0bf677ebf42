import { toShown } from '#core/metrics/shown.ts';
import type { MetricRow, MetricState, MetricValues } from '#schemas/insights/metrics.ts';
import type { Data } from '../../expand/data-table.ts';

const stateNames: Readonly<Record<MetricState, string>> = {
  settled: 'Settled',
  running: 'Not settled yet',
  pending: 'Computed when the next hour settles',
  missing: 'Events are not kept',
};

export function describeState({ state, error }: Pick<MetricRow, 'state' | 'error'>): string {
  return error === 'overflow' ? 'Too large to be exact' : stateNames[state];
}

/** Returns the points at which a row has a later version than the one before it. */
export function versionMarks(rows: readonly MetricRow[]): number[] {
  return rows.flatMap(({ version }, at) => {
    const before = rows[at - 1]?.version ?? 0;
    return version > 0 && before > 0 && version !== before ? [at] : [];
  });
}

/** Returns the last settled point before those that are not; undefined if there are none. */
export function lastSettled(rows: readonly MetricRow[]): number | undefined {
  const first = rows.findIndex(({ state }) => state === 'running');
  return first < 0 ? undefined : Math.max(0, first - 1);
}

/** Returns the rows of a table and of a CSV file, the last one first, with what the total is made of. */
export function toData({ metric, rows, total, freshness }: MetricValues): Data {
  return {
    columns: [
      { name: 'Start', kind: 'point' },
      { name: `${metric.name}${unitSuffix(metric)}`, kind: 'estimate' },
      { name: 'State', kind: 'text' },
      { name: 'Ignored events', kind: 'count' },
      { name: 'Version', kind: 'count' },
    ],
    rows: rows
      .map((row) => ({
        key: row.start,
        values: [
          row.start,
          row.value === null ? null : toShown(row.value, metric),
          describeState(row),
          row.ignored,
          row.version,
        ],
      }))
      .toReversed(),
    note: `${describeCompleteness(total)} Settled through ${freshness.settledThrough ?? 'no hour yet'}.`,
  };
}

function unitSuffix({ unit, currency }: MetricValues['metric']): string {
  if (unit === 'percent') return ' (%)';
  if (unit === 'seconds') return ' (s)';
  return currency === null ? '' : ` (${currency})`;
}

/** `26 of 28 days are known.` */
export function describeCompleteness({ days, known }: MetricValues['total']): string {
  return known === days ? `All ${days} days are known.` : `${known} of ${days} days are known.`;
}
