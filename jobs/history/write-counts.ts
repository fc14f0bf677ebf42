import { z } from 'zod';
import { type CountCollection, collectCounts } from '#core/history/counts/collect-counts.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import type { CountRow } from '#core/history/history-row.ts';
import { linkName } from '#core/history/staged-row.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';
import { importMonthSchema, type ImportMonth, refusalSchema } from '#schemas/history/history-job.ts';
import { toolName } from '#schemas/history/tool-names.ts';
import { importFolder } from '#schemas/lake-keys.ts';
import type { WriteGuard } from '#stores/dynamodb/guarded-writes.ts';
import { type Chunk, readPart } from './chunks.ts';
import type { ImportDeps, ImportedPage } from './deps.ts';
import { type CountsOutcome, importCounts, type LinkToImport } from './import-counts.ts';
import { noteEvents } from './note-events.ts';
import { Overtaken, type Run } from './run.ts';

/** The outcomes of the rows with counts. */
const summarySchema = z.object({
  repeated: z.int(),
  refused: z.int(),
  refusals: z.array(refusalSchema),
  reasons: z.record(z.string(), z.int()),
  unknownCodes: z.record(z.string(), z.int()),
  months: z.array(importMonthSchema),
  /** First and last date that was imported. */
  first: z.string().nullable(),
  last: z.string().nullable(),
});
export type CountsSummary = z.infer<typeof summarySchema>;

/**
 * Imports all counts of a file together: numbers of a date may be on many rows. Everything is read again when a run dies, and
 * written in the same way.
 * @throws {StoreUnavailable} {UnreadableFile} {Overtaken}
 */
export async function writeCounts(run: Run, page: ImportedPage, chunks: readonly Chunk[]): Promise<void> {
  const { deps, job } = run;
  const collecting = createCollecting(page, deps);
  for (const [number, chunk] of chunks.entries())
    for (const place of chunk.counts)
      for (const row of await readPart<CountRow>(deps.files, job, number, place)) collecting.add(row, place);
  const { links, tool, collection } = collecting;
  await noteEvents(run, { page, chunks, links, collection });
  const { timeZone } = page.settings;
  const outcomes =
    tool() === undefined
      ? []
      : await importCounts(
          { ...deps, counts: deps.counts.guardedBy(guardOf(run)) },
          {
            id: job.id,
            tool: tool() ?? '',
            page: job.page,
            dryRun: job.dryRun,
            until: job.until ?? undefined,
            entities: collection.entities(),
            links,
            today: localTimeOf(timeZone, deps.now()).date,
            ownSince: localTimeOf(timeZone, page.ownSince).date,
          },
        );
  const summary = collecting.summarize(outcomes, job.file.name);
  await deps.files.put(summaryKey(job), Buffer.from(JSON.stringify(summary), 'utf8'));
}

/** A run that goes on late, after an undo or an erasure, writes nothing more. */
function guardOf({ deps: { jobs }, job }: Run): WriteGuard {
  return {
    check: jobs.checkRunning(job),
    assertHeld: async () => {
      const now = await jobs.get(job.id);
      if (now?.state !== 'running' || now.attempt !== job.attempt)
        throw new Overtaken(`import ${job.id} was undone or erased`);
    },
  };
}

/** @throws {Error} if the summary has expired */
export async function readCountsSummary(
  files: Pick<ImportDeps['files'], 'get'>,
  job: Parameters<typeof summaryKey>[0],
): Promise<CountsSummary | undefined> {
  const bytes = await files.get(summaryKey(job));
  return bytes && summarySchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

function summaryKey({ id, attempt }: { id: string; attempt: number }): string {
  return `${importFolder(id, attempt)}counts.json`;
}

type Place = Chunk['counts'][number];

interface Month extends ImportMonth {
  counts: NonNullable<ImportMonth['counts']>;
}

const mostCodes = 1_000;

function createCollecting(page: ImportedPage, deps: Pick<ImportDeps, 'ignoreCase' | 'now'>) {
  const { timeZone } = page.settings;
  const collection: CountCollection = collectCounts({ zone: timeZone, today: localTimeOf(timeZone, deps.now()).date });
  const links = new Map<string, LinkToImport>();
  const summary: CountsSummary = {
    repeated: 0,
    refused: 0,
    refusals: [],
    unknownCodes: {},
    months: [],
    first: null,
    last: null,
    reasons: {},
  };
  const reasons = new Map<string, number>();
  const unknown = new Map<string, number>();
  const months = new Map<string, Month>();
  let first: string | undefined;

  function refuse(refusal: CountsSummary['refusals'][number], rows = 1): void {
    summary.refused += rows;
    addTo(reasons, groupReason(refusal.reason), rows);
    const value = refusal.value?.slice(0, historyLimits.value) ?? null;
    if (summary.refusals.length < historyLimits.refusals) summary.refusals.push({ ...refusal, value });
  }

  function monthOf(link: string | null, month: string | null): Month {
    const key = `${link} ${month}`;
    const found = months.get(key) ?? {
      link,
      month,
      rows: 0,
      imported: 0,
      repeated: 0,
      counts: {
        file: 0,
        imported: 0,
        repeated: 0,
        refused: 0,
      },
    };
    months.set(key, found);
    return found;
  }

  /** Returns the row with the code that the link has here; undefined for a link that the page does not have. */
  function resolve(row: CountRow): CountRow | undefined {
    if (row.code === undefined) return row;
    const link = page.links.get(linkName(row.code, deps));
    if (link === undefined) return undefined;
    links.set(link.code, { id: link.id, ownSince: localTimeOf(timeZone, link.ownSince).date });
    return { ...row, code: link.code };
  }

  return {
    collection,
    links,
    tool: () => first,
    add: (row: CountRow, { tool, file }: Place): void => {
      const place = { file, line: row.line };
      first ??= tool;
      if (tool !== first) {
        const reason = `is of ${toolName(tool)}; an import has the counts of one tool, here ${toolName(first)}`;
        return refuse({ ...place, column: null, value: null, reason });
      }
      const resolved = resolve(row);
      if (resolved === undefined) {
        if (unknown.size < mostCodes) addTo(unknown, (row.code ?? '').slice(0, historyLimits.value), 1);
        const reason = 'is no link of the page. Import the links first';
        return refuse({ ...place, column: 'code', value: row.code ?? '', reason });
      }
      const outcome = collection.add(resolved);
      if (outcome.kind === 'refused') {
        const { column, value, reason } = outcome;
        return refuse({ ...place, column, value, reason });
      }
      if (outcome.kind === 'repeated') {
        summary.repeated += 1;
        const month = monthOf(resolved.code ?? null, outcome.month);
        month.rows += 1;
        month.repeated += 1;
      }
      return undefined;
    },
    /** @param file name of the upload: a date may be on rows of several files in it */
    summarize: (outcomes: readonly CountsOutcome[], file: string): CountsSummary => {
      for (const each of outcomes) {
        const { code, date, count, rows, outcome } = each;
        const month = monthOf(code, date?.slice(0, 7) ?? null);
        month.counts.file += count;
        month.counts[names[outcome]] += count;
        if (outcome === 'refused') {
          const reason = each.reason ?? '';
          refuse({ file, line: each.line, column: date === null ? 'total' : 'date', value: date, reason }, rows);
          continue;
        }
        month.rows += rows;
        month[outcome === 'accepted' ? 'imported' : 'repeated'] += rows;
        if (outcome === 'repeated') summary.repeated += rows;
        if (date === null || outcome === 'repeated') continue;
        summary.first = summary.first === null || date < summary.first ? date : summary.first;
        summary.last = summary.last === null || date > summary.last ? date : summary.last;
      }
      return {
        ...summary,
        reasons: Object.fromEntries(reasons),
        unknownCodes: Object.fromEntries(unknown),
        months: [...months.values()].toSorted(byLinkAndMonth),
      };
    },
  };
}

const names = { accepted: 'imported', repeated: 'repeated', refused: 'refused' } as const;

/** Reasons that name a date or a number are one. */
function groupReason(reason: string): string {
  if (reason.startsWith('overlaps: ')) return 'overlaps with what is counted here';
  return / already ha(s|ve) /.test(reason) ? 'another import has another number' : reason;
}

function addTo(sums: Map<string, number>, name: string, by: number): void {
  sums.set(name, (sums.get(name) ?? 0) + by);
}

function byLinkAndMonth(a: ImportMonth, b: ImportMonth): number {
  const [one, two] = [`${a.link ?? ''} ${a.month ?? ''}`, `${b.link ?? ''} ${b.month ?? ''}`];
  return one < two ? -1 : 1;
}
