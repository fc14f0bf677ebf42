import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { excludesRows, hashSubject } from '#core/settle/tombstone.ts';
import { maxUndoneImports } from '#schemas/lake-jobs.ts';
import {
  importedHour,
  importFolder,
  importReportKey,
  importReportsPrefix,
  importsPrefix,
  uploadKey,
} from '#schemas/lake-keys.ts';
import { type Chunk, ChunkMissing, readChunks } from './chunks.ts';
import type { ImportJob } from '#schemas/history/history-job.ts';
import type { ImportDeps } from './deps.ts';
import { undoCounts } from './import-counts.ts';
import { createRun, Overtaken, rowsAtOnce, type Run } from './run.ts';
import { stageRows } from './stage-rows.ts';
import { readCountsSummary, writeCounts } from './write-counts.ts';
import { checkDates } from './other-ids.ts';
import { listUnits, sumDates, unitKey, type UnitSummary, writeEvents } from './write-events.ts';
import { buildReport } from './write-report.ts';

/** What a run did: `continue` starts another one. */
export type RunOutcome = 'done' | 'continue' | 'stopped';

/**
 * Goes on with an import where the last run stopped: reads the file into chunks, writes events, then counts, then the report.
 * May be interrupted anywhere and run again, or run twice at once: what is written has names that depend on the file alone.
 * @param deadline milliseconds since the epoch after which no unit is begun
 * @throws {StoreUnavailable}
 */
export async function runImport(deps: ImportDeps, id: string, deadline: number): Promise<RunOutcome> {
  const job = await deps.jobs.get(id);
  if (job === undefined) return 'stopped';
  const run = createRun(deps, job, deadline);
  try {
    switch (job.state) {
      case 'running':
        return await takeSteps(run);
      case 'undoing':
        return await undo(run);
      case 'waiting':
      case 'done':
      case 'failed':
      case 'undone':
        return 'stopped';
      default:
        return job.state satisfies never;
    }
  } catch (error) {
    if (error instanceof Overtaken) {
      await forgetErased(deps, job);
      return 'stopped';
    }
    if (error instanceof UnreadableFile || error instanceof ChunkMissing) {
      await deps.salts.delete(id);
      return fail(run, error.message);
    }
    throw error;
  }
}

/** Deletes what a run has written after an erasure of its page had deleted the import and its files. */
async function forgetErased({ jobs, files, salts }: ImportDeps, { id }: ImportJob): Promise<void> {
  if ((await jobs.get(id)) !== undefined) return;
  await salts.delete(id);
  for (const prefix of [`${importsPrefix}${id}/`, `${importReportsPrefix}${id}`])
    await files.delete(await files.list(prefix));
}

async function fail(run: Run, message: string): Promise<RunOutcome> {
  try {
    await run.change({ state: 'failed', message });
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
  return 'stopped';
}

async function takeSteps(run: Run): Promise<RunOutcome> {
  const { deps } = run;
  const page = await deps.readPage(run.job.page);
  if (page === undefined) return fail(run, 'The page was deleted.');
  if (run.job.cursor.step === 'read') {
    if (!(await stageRows(run, page, await deps.salts.get(run.job.id)))) return later(run);
    await deps.salts.delete(run.job.id);
    await run.move({ ...run.job.cursor, step: 'events', done: 0, total: null });
  }
  const chunks = await readChunks(deps.files, run.job, run.job.cursor.chunks);
  if (run.job.cursor.step === 'events') {
    if (run.job.cursor.done === 0) await checkDates(run, sumDates(chunks));
    // Known before the first event is written, for undoing.
    if (!run.job.dryRun) await putDates(deps, run.job.id, chunks);
    if (!(await writeEvents(run, page, chunks))) return later(run);
    await run.move({ ...run.job.cursor, step: 'counts', done: 0, total: null });
  }
  if (run.job.cursor.step === 'counts') {
    await writeCounts(run, page, chunks);
    await run.move({ ...run.job.cursor, step: 'report', done: 0, total: null });
  }
  await finish(run, chunks);
  return 'done';
}

async function later(run: Run): Promise<RunOutcome> {
  await run.deps.continueLater(run.job.id);
  return 'continue';
}

/** Writes the report, and forgets the file, the chunks and the secret. A dry run keeps the file for the import after it. */
async function finish(run: Run, chunks: readonly Chunk[]): Promise<void> {
  const { deps, job } = run;
  const units = listUnits(chunks, rowsAtOnce(deps)).map((_, at) => unitKey(job, at));
  const summaries = await readAll<UnitSummary>(deps, units);
  const counts = await readCountsSummary(deps.files, job);
  if (counts === undefined) throw new ChunkMissing(`the counts of import ${job.id} have expired`);
  const report = buildReport(chunks, summaries, counts);
  await deps.files.put(importReportKey(job.id), Buffer.from(JSON.stringify(report), 'utf8'));
  await run.change({ state: 'done', totals: report.totals });
  await deps.files.delete(await deps.files.list(importFolder(job.id, job.attempt)));
  if (!job.dryRun) await deps.files.delete([uploadKey(job.id)]);
}

async function readAll<T>(deps: Pick<ImportDeps, 'files'>, keys: readonly string[]): Promise<T[]> {
  const all: T[] = [];
  for (const key of keys) {
    const bytes = await deps.files.get(key);
    if (bytes === undefined) throw new ChunkMissing(`${key} has expired`);
    all.push(JSON.parse(Buffer.from(bytes).toString('utf8')) as T);
  }
  return all;
}

/** UTC dates with events of an import. Kept as long as the import, so that it can be undone. */
function datesKey(id: string): string {
  return `${importReportsPrefix}${id}-dates.json`;
}

async function putDates({ files }: Pick<ImportDeps, 'files'>, id: string, chunks: readonly Chunk[]): Promise<void> {
  const dates = new Set(chunks.flatMap((chunk) => chunk.dates.map(({ dt }) => dt)));
  await files.put(datesKey(id), Buffer.from(JSON.stringify([...dates].toSorted()), 'utf8'));
}

/** Takes an import back: its tombstone keeps its rows out of every later run, and its dates settle again without them. */
async function undo(run: Run): Promise<RunOutcome> {
  const { deps, job } = run;
  const bytes = await deps.files.get(datesKey(job.id));
  const dates = bytes === undefined ? [] : (JSON.parse(Buffer.from(bytes).toString('utf8')) as string[]);
  const [first, last] = [dates[0], dates.at(-1)];
  if (first !== undefined && last !== undefined) {
    const hash = hashSubject({ kind: 'import', value: job.id });
    if (!(await hasRoom(deps, hash, dates)))
      return fail(
        run,
        `${deps.mostUndone ?? maxUndoneImports} imports of one of its dates were undone within the last two days, as many as there can be. Undo it again later`,
      );
    const tombstone = { hash, kind: 'import', createdAt: deps.now(), dates: { first, last } } as const;
    // First: a settle that takes a mark has read the tombstone.
    await deps.settle.putTombstone(tombstone);
    await deps.settle.mark(dates.map((dt) => `${dt}T${importedHour}`));
    await deps.settle.putTombstone({ ...tombstone, marked: true });
  }
  await undoCounts(deps.counts, job);
  await deps.salts.delete(job.id);
  await run.change({ state: 'undone' });
  await deps.files.delete([uploadKey(job.id), ...(await deps.files.list(importFolder(job.id, job.attempt)))]);
  return 'done';
}

/** Returns whether settle can leave out one more import on each of the dates. */
async function hasRoom(
  { settle, mostUndone = maxUndoneImports }: Pick<ImportDeps, 'settle' | 'mostUndone'>,
  hash: string,
  dates: readonly string[],
): Promise<boolean> {
  const others = (await settle.tombstones()).filter((each) => each.kind === 'import' && each.hash !== hash);
  return dates.every((dt) => others.filter((each) => excludesRows(each, { dt, hr: importedHour })).length < mostUndone);
}
