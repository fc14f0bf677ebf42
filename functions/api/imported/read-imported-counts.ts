import { type CombinedDay, combineMonth, combineTotals } from '#core/history/counts/combine-counts.ts';
import { startOfHour, type TimeRange, toBucket } from '#core/ledger/time-range.ts';
import { touchedDates, wholeDates } from '#core/stats/period.ts';
import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import { recordOf } from '#schemas/dimensions.ts';
import { type ImportedList, importedLists, type ImportedTotals } from '#schemas/history/imported-counts.ts';
import { toolName } from '#schemas/history/tool-names.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { ReportSubject } from '../reports/subject.ts';

/**
 * Reads the imported counts of a page or link. They are read for each request: an import, or one that is undone, shows at once.
 * @throws {StoreUnavailable}
 */
export async function readImportedCounts(
  stats: Pick<StatsStore, 'importedMonths' | 'importedTotals'>,
  { entity }: ReportSubject,
  range: TimeRange,
): Promise<ImportedCounts> {
  const touched = touchedDates(range);
  const [months, totals] = await Promise.all([
    stats.importedMonths(entity, touched.first.slice(0, 7), touched.last.slice(0, 7)),
    stats.importedTotals(entity),
  ]);
  const dates = range.interval === 'hour' ? touched : wholeDates(range);
  const days = months
    .flatMap(({ month, counts }) => combineMonth(month, counts))
    .filter(({ date }) => date >= dates.first && date <= dates.last);
  const { series, daysWithoutHours } = range.interval === 'hour' ? toHours(days, range) : toDays(days);
  return {
    range: { from: touched.first, to: touched.last, zone: range.shownZone },
    totals: {
      views: sum(series.map(({ views }) => views)),
      clicks: sum(series.map(({ clicks }) => clicks)),
      visitors: range.interval === 'hour' ? null : sum(days.map(({ visitors }) => visitors)),
    },
    series,
    daysWithoutHours,
    tools: [...new Set(days.flatMap(({ tools }) => tools))].map(toolName),
    dates: days.length === 0 ? null : { first: days[0]?.date ?? '', last: days.at(-1)?.date ?? '' },
    lists: recordOf(importedLists, (list) => buildList(days, list)),
    before: combineTotals(totals ?? none).map((total) => ({ ...total, tool: toolName(total.tool) })),
    imports: Object.values((totals ?? none).imports)
      .flatMap(({ tool, dates: span }) => (span ? [{ tool: toolName(tool), ...span }] : []))
      .toSorted((a, b) => (a.first < b.first ? -1 : 1)),
  };
}

const none: ImportedTotals = { imports: {} };

type Series = Pick<ImportedCounts, 'series' | 'daysWithoutHours'>;

function toDays(days: readonly CombinedDay[]): Series {
  const series = days
    .filter(({ views, clicks }) => views !== null || clicks !== null)
    .map(({ date, views, clicks }) => ({ start: date, views, clicks }));
  return { series, daysWithoutHours: 0 };
}

/** An hour has the measures of its day: where an import has none of them, they are unknown. */
function toHours(days: readonly CombinedDay[], range: TimeRange): Series {
  const series = days.flatMap(({ hours, views, clicks }) =>
    hours
      .filter(({ hour }) => startOfHour(hour) >= range.start && startOfHour(hour) < range.end)
      .map((each) => ({
        start: toBucket(each.hour, range),
        views: views === null ? null : each.views,
        clicks: clicks === null ? null : each.clicks,
      })),
  );
  return { series, daysWithoutHours: days.filter(({ hours }) => hours.length === 0).length };
}

function sum(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((total, count) => total + count, 0);
}

/** Rows of a list in a response. */
const longestList = 100;

/** Adds up a list of days. If some days count views and others clicks, it has the measure with more rows. */
function buildList(days: readonly CombinedDay[], wanted: ImportedList): ImportedCounts['lists'][ImportedList] {
  const rows = days.flatMap(({ lists }) => lists.filter(({ list }) => list === wanted));
  const views = rows.filter(({ measure }) => measure === 'views');
  const measure = views.length * 2 >= rows.length ? 'views' : 'clicks';
  const counts = new Map<string | null, number>();
  for (const { value, count } of rows.filter((row) => row.measure === measure))
    counts.set(value, (counts.get(value) ?? 0) + count);
  const sorted = [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || ((a.value ?? '') < (b.value ?? '') ? -1 : 1));
  return { measure, rows: sorted.slice(0, longestList) };
}
