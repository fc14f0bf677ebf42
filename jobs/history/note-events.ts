import { localTimeOf } from '#core/enrich/local-time.ts';
import type { CountCollection } from '#core/history/counts/collect-counts.ts';
import { measureOf, type StagedRow } from '#core/history/staged-row.ts';
import { toEvent } from '#core/history/to-event.ts';
import { dayLength } from '#core/time.ts';
import type { ImportedMeasure } from '#schemas/history/imported-counts.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { type Chunk, readPart } from './chunks.ts';
import type { ImportedPage } from './deps.ts';
import { createUndone, type ImportedRow, listRawImports, readImportedRows } from './imported-rows.ts';
import type { Run } from './run.ts';

interface Options {
  page: ImportedPage;
  chunks: readonly Chunk[];
  /** Links that have counts, by code. */
  links: ReadonlyMap<string, { id: string }>;
  collection: Pick<CountCollection, 'addEvent' | 'dates'>;
}

/**
 * Notes which counts have single events of their dates: of this import, and of others that may not have settled yet. Nothing is
 * kept but the notes.
 * @throws {StoreUnavailable}
 */
export async function noteEvents(run: Run, options: Options): Promise<void> {
  const dates = listAround(options.collection.dates());
  if (dates.size === 0) return;
  const codes = new Map([...options.links].map(([code, { id }]) => [id, code]));
  await noteOwn(run, options, { dates, codes });
  // With `until`, the user has decided about what is here.
  if (run.job.until === null) await noteOthers(run, options, { dates, codes });
}

interface Places {
  /** UTC dates. */
  dates: ReadonlySet<string>;
  /** Codes of links by id. */
  codes: ReadonlyMap<string, string>;
}

/** Returns the UTC dates on which events of local dates may be. */
function listAround(dates: ReadonlySet<string>): ReadonlySet<string> {
  const around = [...dates].flatMap((date) => [-1, 0, 1].map((days) => Date.parse(date) + days * dayLength));
  return new Set(around.map((moment) => new Date(moment).toISOString().slice(0, 10)));
}

/** Reads the rows from the chunks, so that a dry run, which writes no events, says the same. */
async function noteOwn({ deps, job }: Run, { page, chunks, collection }: Options, { dates, codes }: Places) {
  const links = new Map([...page.links.values()].map((link) => [link.id, link]));
  const context = { page: job.page, settings: page.settings, importId: job.id, links };
  for (const [number, chunk] of chunks.entries())
    for (const { dt, start, ends } of chunk.dates) {
      if (!dates.has(dt)) continue;
      for (const row of await readPart<StagedRow>(deps.files, job, number, { start, end: ends.at(-1) ?? start })) {
        const measure = measureOf(row);
        if (measure === undefined || toEvent(row, 0n, context).outcome !== 'counted') continue;
        const { date } = localTimeOf(page.settings.timeZone, row.at);
        collection.addEvent({ code: row.link && codes.get(row.link), date, measure, isOwn: true });
      }
    }
}

/** Files that are read at the same time: each has up to 40,000 rows. */
const filesAtOnce = 4;

const columns = ['event_type', 'link_id', 'local_date', 'outcome'] as const;

async function noteOthers({ deps, job }: Run, { collection }: Options, { dates, codes }: Places): Promise<void> {
  const isUndone = await createUndone(deps.settle);
  function note({ import_id, event_type, link_id, local_date, outcome }: ImportedRow): void {
    const measure = measures[String(event_type)];
    if (measure === undefined || outcome !== 'counted' || import_id === job.id || isUndone(import_id)) return;
    const code = typeof link_id === 'string' ? codes.get(link_id) : undefined;
    collection.addEvent({ code, date: String(local_date), measure, isOwn: false });
  }
  await forEachConcurrently([...dates], filesAtOnce, async (dt) => {
    for (const key of await listRawImports(deps.files, dt))
      for await (const rows of readImportedRows(deps.files, key, { page: job.page, columns })) rows.forEach(note);
  });
}

const measures: Readonly<Record<string, ImportedMeasure>> = { link_click: 'clicks', page_view: 'views' };
