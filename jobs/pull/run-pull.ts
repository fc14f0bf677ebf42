import { hash } from 'node:crypto';
import { beginImport, describeBusy, newImport } from '#core/history/new-import.ts';
import { type Advance, advance } from '#core/history/pulls/advance.ts';
import { createSource } from '#core/history/pulls/create-source.ts';
import { readOutcome as readAnswer } from '#core/history/pulls/outcome.ts';
import { openToken } from '#core/history/pulls/token.ts';
import type { ImportJob } from '#schemas/history/history-job.ts';
import { type LinkCounts, type PullJob, pullLimits } from '#schemas/history/pull.ts';
import { uploadKey } from '#schemas/lake-keys.ts';
import type { PullChange } from '#stores/catalog/pulls.ts';
import type { PullDeps } from './deps.ts';
import { importLinks } from './import-links.ts';
import {
  deleteStaged,
  joinRows,
  keepEntries,
  putOutcome,
  putReport,
  readLinksPart,
  readOutcome,
  StagedMissing,
} from './staged.ts';

/** What a run did: `continue` starts another one; `stopped` waits for a moment or for someone. */
export type PullOutcome = 'done' | 'continue' | 'stopped';

/**
 * Goes on with a pull where the last run stopped: asks the tool, keeps each answer, imports the links in it, and in the end
 * hands the history over to an import. May be interrupted anywhere and run again, or run twice at once.
 * @param deadline milliseconds since the epoch after which nothing new is begun
 * @throws {StoreUnavailable}
 */
export async function runPull(deps: PullDeps, id: string, deadline: number): Promise<PullOutcome> {
  const found = await deps.pulls.get(id);
  if (found === undefined || !isDue(found, deps.now())) return 'stopped';
  const run = createRun(deps, found, deadline);
  try {
    if (found.state === 'waiting') await run.change({ state: 'running', reason: null, wakeAt: null });
    return await takeSteps(run);
  } catch (error) {
    if (error instanceof Overtaken) return 'stopped';
    if (error instanceof StagedMissing) {
      await run.tryPause('What was read has expired. Pull again');
      return 'stopped';
    }
    throw error;
  }
}

function isDue({ state, wakeAt }: PullJob, now: number): boolean {
  return state === 'running' || (state === 'waiting' && (wakeAt ?? 0) <= now);
}

/** Another run has moved the pull on, or a user has deleted it: this run stops. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

interface Run {
  deps: PullDeps;
  readonly pull: PullJob;
  /** @throws {Overtaken} */
  change: (change: PullChange) => Promise<void>;
  /** Pauses, and forgets the token if it is of no use. */
  pause: (reason: string, options?: { forget: boolean }) => Promise<PullOutcome>;
  fail: (reason: string) => Promise<PullOutcome>;
  tryPause: (reason: string) => Promise<void>;
  isOver: () => boolean;
  deadline: number;
}

function createRun(deps: PullDeps, first: PullJob, deadline: number): Run {
  let pull = first;
  async function change(changes: PullChange): Promise<void> {
    const next = await deps.pulls.change(pull, changes);
    if (next === undefined) throw new Overtaken(`pull ${pull.id} was changed by another run`);
    pull = next;
  }
  async function pause(reason: string, { forget } = { forget: false }): Promise<PullOutcome> {
    if (forget) await deps.pulls.deleteToken(pull.id);
    await change({ state: 'paused', reason, wakeAt: null });
    return 'stopped';
  }
  return {
    deps,
    get pull() {
      return pull;
    },
    change,
    pause,
    fail: async (reason) => {
      await deps.pulls.deleteToken(pull.id);
      await change({ state: 'failed', reason, wakeAt: null });
      return 'stopped';
    },
    tryPause: async (reason) => {
      try {
        await pause(reason);
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      }
    },
    isOver: () => deps.now() >= deadline,
    deadline,
  };
}

async function takeSteps(run: Run): Promise<PullOutcome> {
  const { deps } = run;
  if (!run.pull.isPulled) {
    const outcome = await pullAll(run);
    if (outcome !== 'done') return outcome;
  }
  await deps.pulls.deleteToken(run.pull.id);
  // Of a preview that is confirmed. Otherwise the links of each answer are imported with it.
  while (run.pull.imported.parts < run.pull.parts.links) {
    if (run.isOver()) return later(run);
    await run.change({ imported: await importPart(run, run.pull.imported) });
  }
  await putReport(deps.files, run.pull);
  if (run.pull.dryRun) {
    await run.change({ state: 'previewed' });
    return 'done';
  }
  const isImported = run.pull.progress.rows > 0;
  if (isImported) {
    const other = await startHistory(run);
    if (other !== undefined) {
      await run.change({ state: 'waiting', reason: describeBusy(other), wakeAt: deps.now() + busyWait });
      return 'stopped';
    }
  }
  await run.change({ state: 'done', isImported });
  await deleteStaged(deps.files, run.pull.id);
  return 'done';
}

async function later(run: Run): Promise<PullOutcome> {
  await run.deps.continueLater(run.pull.id);
  return 'continue';
}

/** Asks until everything is read, a wait is too long for this run, or its time is over. */
async function pullAll(run: Run): Promise<PullOutcome> {
  const { deps } = run;
  const sealed = await deps.pulls.token(run.pull.id);
  if (sealed === undefined)
    return run.pause(`The token was deleted: it is kept for ${pullLimits.tokenHours} hours. Give it again`, {
      forget: true,
    });
  const token = openToken(sealed, run.pull.id, await deps.secret());
  if (token === undefined) return run.pause('The token cannot be decrypted any more. Give it again', { forget: true });
  const source = createSource(run.pull.request, Date.parse(run.pull.createdAt));
  for (;;) {
    if (run.isOver()) return later(run);
    const { pull } = run;
    const response = await deps.ask(source.ask(pull.progress.cursor), source.authorize, token);
    const attempt = { attempts: pull.progress.attempts + 1, now: deps.now() };
    const bytes = response.kind === 'status' ? response.body.length : 0;
    const advanced = advance(source, pull.progress, readAnswer(response, attempt), bytes);
    const { progress, entries } = advanced;
    const state = withoutToken(advanced.state, token);
    const parts = await keepEntries(deps.files, pull, entries);
    const kept = { progress, parts, ...(await importNew(run, parts)) };
    switch (state.kind) {
      case 'continue':
        await run.change(kept);
        if (parts.packed > pullLimits.packed)
          return run.pause(`The history has more than ${pullLimits.packed / 1_000_000} MB. Pull a part of it`);
        await waitFor(run, source.pause);
        continue;
      case 'done':
        await run.change({ ...kept, isPulled: true });
        return 'done';
      case 'waiting':
        await run.change(kept);
        if (state.until >= run.deadline || state.until - deps.now() > longestSleep) {
          await run.change({ state: 'waiting', reason: state.reason, wakeAt: state.until });
          return 'stopped';
        }
        await waitFor(run, state.until - deps.now());
        continue;
      case 'paused':
        await run.change(kept);
        return run.pause(state.reason, { forget: state.isTokenRefused });
      case 'failed':
        await run.change(kept);
        return run.fail(state.reason);
      default:
        return state satisfies never;
    }
  }
}

/** A tool may repeat its token where it should name an error. */
function withoutToken(state: Advance['state'], token: string): Advance['state'] {
  return 'reason' in state ? { ...state, reason: state.reason.replaceAll(token, '[token]') } : state;
}

/** Milliseconds that a run sleeps at most. A longer wait ends it; the clock starts the next one. */
const longestSleep = 60_000;

async function waitFor({ deps }: Run, milliseconds: number): Promise<void> {
  if (milliseconds > 0) await deps.sleep(milliseconds);
}

/** Imports the links of an answer right away: they work, although their history may take days. */
async function importNew(run: Run, parts: PullJob['parts']): Promise<Pick<PullJob, 'imported'>> {
  let { imported } = run.pull;
  while (imported.parts < parts.links) imported = await importPart(run, imported);
  return { imported };
}

/**
 * Imports the links of a part. The counts are those of the first plan: when a run is interrupted after it has written links, the
 * next one finds them and would call them repeated.
 */
async function importPart({ deps, pull }: Run, imported: PullJob['imported']): Promise<PullJob['imported']> {
  const part = imported.parts;
  const entries = await readLinksPart(deps.files, pull.id, part);
  const content = hash('sha256', JSON.stringify(entries));
  const known = await readOutcome(deps.files, pull, part);
  const planned =
    known?.content === content
      ? known
      : { content, ...(await importLinks(deps, pull.page, entries, { preview: true })) };
  await putOutcome(deps.files, pull, part, planned);
  if (pull.dryRun) return { parts: part + 1, counts: add(imported.counts, planned.counts) };
  const written = await importLinks(deps, pull.page, entries, { preview: false });
  // Those that the plan accepts and nobody could write: others were faster, or the page is full.
  const failed = written.refused.filter(({ link }) => !planned.refused.some((each) => each.link === link));
  const counts = {
    ...planned.counts,
    accepted: planned.counts.accepted - failed.length,
    refused: planned.counts.refused + failed.length,
  };
  if (failed.length > 0)
    await putOutcome(deps.files, pull, part, { content, counts, refused: [...planned.refused, ...failed] });
  return { parts: part + 1, counts: add(imported.counts, counts) };
}

function add(a: LinkCounts, b: LinkCounts): LinkCounts {
  return {
    rows: a.rows + b.rows,
    accepted: a.accepted + b.accepted,
    repeated: a.repeated + b.repeated,
    refused: a.refused + b.refused,
  };
}

/** Milliseconds until a pull asks again whether the page is free. */
const busyWait = 5 * 60_000;

/**
 * Joins the history into an upload, and starts an import of it. May be called again.
 * @returns another import of the page that must end before
 */
async function startHistory({ deps, pull }: Run): Promise<ImportJob | undefined> {
  const file = await joinRows(deps.files, pull);
  await deps.files.put(uploadKey(pull.importId), file);
  await deps.imports.create(toImport(pull, file.length, deps.now()));
  const job = await deps.imports.get(pull.importId);
  if (job?.state === 'waiting') {
    const begun = await deps.imports.begin(job, beginImport(job));
    if (begun.kind === 'busy') return begun.other;
  }
  await deps.startImport(pull.importId);
  return undefined;
}

function toImport({ importId, page, request }: PullJob, bytes: number, now: number): ImportJob {
  return newImport({
    id: importId,
    page,
    file: { name: `${request.tool}.ndjson.gz`, bytes },
    format: `${request.tool}-api`,
    zone: null,
    until: null,
    dryRun: false,
    now,
  });
}
