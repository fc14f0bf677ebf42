import { localTimeOf } from '#core/enrich/local-time.ts';
import { type AdmissionOptions, linkName, measureOf } from '#core/history/staged-row.ts';
import { entityKeys } from '#schemas/counters.ts';
import { importedMeasures, type ImportedMonth } from '#schemas/history/imported-counts.ts';
import type { ImportedCountsWriter } from '#stores/counters/imported-counts.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import type { ImportedPage } from './deps.ts';
import type { SourceRow } from './read-rows.ts';

export interface CountedDates {
  /** Reads the months that rows need and that are not known yet. @throws {StoreUnavailable} */
  load: (rows: readonly SourceRow[]) => Promise<void>;
  find: AdmissionOptions['findCounts'];
}

interface Options {
  counts: Pick<ImportedCountsWriter, 'listMonths' | 'readMonth'>;
  page: ImportedPage;
  /** Path of the page. */
  path: string;
  importId: string;
  ignoreCase: boolean;
  /** Months that are kept besides those of the rows at hand. @default 5,000, which take about 10 MB */
  mostMonths?: number;
}

/** Reads at the same time. */
const concurrency = 16;

/**
 * Knows which dates have counts of other imports. It reads lazily: of each link, once, which months it has; of these, the ones that
 * rows are in.
 */
export function createCountedDates(options: Options): CountedDates {
  const { counts, page, path, importId, mostMonths = 5_000 } = options;
  /** Months with counts by entity, and the tools of their dates. */
  const listed = new Map<string, ReadonlySet<string>>();
  const months = new Map<string, ReadonlyMap<string, string>>();
  const whole = entityKeys.page(path);

  /** Returns the months of the rows by entity. */
  function listWanted(rows: readonly SourceRow[]): Map<string, Set<string>> {
    const wanted = new Map<string, Set<string>>();
    for (const each of rows) {
      if (each.kind === 'refused' || each.row.grain !== 'raw' || measureOf(each.row) === undefined) continue;
      const { code, at } = each.row;
      const link = code === undefined ? undefined : page.links.get(linkName(code, options));
      if (code !== undefined && link === undefined) continue;
      const month = localTimeOf(page.settings.timeZone, at).date.slice(0, 7);
      for (const entity of link === undefined ? [whole] : [entityKeys.link(link.id), whole])
        wanted.set(entity, (wanted.get(entity) ?? new Set()).add(month));
    }
    return wanted;
  }

  return {
    load: async (rows) => {
      const wanted = listWanted(rows);
      const unlisted = [...wanted.keys()].filter((entity) => !listed.has(entity));
      await forEachConcurrently(unlisted, concurrency, async (entity) => {
        listed.set(entity, new Set(await counts.listMonths(entity)));
      });
      if (months.size > mostMonths) months.clear();
      const unread = [...wanted].flatMap(([entity, some]) =>
        [...some].flatMap((month) =>
          listed.get(entity)?.has(month) && !months.has(`${entity} ${month}`) ? [{ entity, month }] : [],
        ),
      );
      await forEachConcurrently(unread, concurrency, async ({ entity, month }) => {
        months.set(`${entity} ${month}`, listTools(await counts.readMonth(entity, month), importId));
      });
    },
    find: (link, date, measure) => {
      const entity = link === undefined ? whole : entityKeys.link(link);
      return months.get(`${entity} ${date.slice(0, 7)}`)?.get(`${date.slice(8)} ${measure}`);
    },
  };
}

/** Returns the tools by day and measure. A day without clicks overlaps with none. */
function listTools(month: ImportedMonth | undefined, importId: string): Map<string, string> {
  const tools = new Map<string, string>();
  for (const [id, { tool, days }] of Object.entries(month?.imports ?? {}))
    if (id !== importId)
      for (const [day, numbers] of Object.entries(days))
        for (const measure of importedMeasures)
          if ((numbers[measure]?.count ?? 0) > 0) tools.set(`${day} ${measure}`, tool);
  return tools;
}
