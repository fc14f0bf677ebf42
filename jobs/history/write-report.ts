import { codeOfLinkId } from '#schemas/catalog-rules.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';
import type { ImportMonth, ImportReport } from '#schemas/history/history-job.ts';
import type { Chunk } from './chunks.ts';
import type { CountsSummary } from './write-counts.ts';
import type { UnitSummary } from './write-events.ts';

/** Adds up what chunks and units say. */
export function buildReport(
  chunks: readonly Chunk[],
  units: readonly UnitSummary[],
  counts: CountsSummary,
): ImportReport {
  const rows = sum(chunks.map((chunk) => chunk.rows));
  const accepted = sum(chunks.map((chunk) => chunk.accepted)) - counts.refused;
  const repeated = sum(units.map((unit) => unit.repeated)) + counts.repeated;
  const last = chunks.at(-1);
  const firsts = [...chunks.flatMap(({ first }) => first ?? []), ...toMoments(counts.first)];
  const lasts = [...chunks.flatMap((chunk) => chunk.last ?? []), ...toMoments(counts.last)];
  return {
    totals: { rows, accepted: accepted - repeated, refused: rows - accepted, repeated },
    formats: last?.formats ?? [],
    first: firsts.length === 0 ? null : new Date(Math.min(...firsts)).toISOString(),
    last: lasts.length === 0 ? null : new Date(Math.max(...lasts)).toISOString(),
    outcomes: addUp(units.map(({ outcomes }) => outcomes)),
    refusals: [...chunks.flatMap(({ refusals }) => refusals), ...counts.refusals].slice(0, historyLimits.refusals),
    reasons: addUp([...chunks, counts].map(({ reasons }) => reasons)),
    unknownCodes: Object.entries(addUp([...chunks, counts].map(({ unknownCodes }) => unknownCodes)))
      .map(([code, some]) => ({ code, rows: some }))
      .toSorted((a, b) => b.rows - a.rows || (a.code < b.code ? -1 : 1))
      .slice(0, mostCodes),
    ignored: last?.ignored ?? [],
    notes: last?.notes ?? [],
    months: [
      ...listMonths(
        addUp(chunks.map(({ months }) => months)),
        addUp(units.map(({ repeatedMonths }) => repeatedMonths)),
      ),
      ...counts.months,
    ],
  };
}

/** A date of counts, which have no time, is its first moment in UTC. */
function toMoments(date: string | null): number[] {
  return date === null ? [] : [Date.parse(date)];
}

const mostCodes = 100;

function listMonths(all: Readonly<Record<string, number>>, repeated: Readonly<Record<string, number>>): ImportMonth[] {
  return Object.entries(all)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, rows]) => {
      const [link = '', month = ''] = name.split(' ');
      const again = repeated[name] ?? 0;
      return {
        link: link === '' ? null : codeOfLinkId(link),
        month,
        rows,
        imported: rows - again,
        repeated: again,
        counts: null,
      };
    });
}

function addUp(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const each of all)
    for (const [name, value] of Object.entries(each)) sums.set(name, (sums.get(name) ?? 0) + value);
  return Object.fromEntries(sums);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
