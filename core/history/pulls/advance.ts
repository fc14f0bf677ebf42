import { isDeepStrictEqual } from 'node:util';
import { pullLimits, type PullProgress } from '#schemas/history/pull.ts';
import { RefusedField, UnexpectedAnswer } from './errors.ts';
import { mostAttempts, type PullOutcome } from './outcome.ts';
import { extendRange } from './pulled-lines.ts';
import type { Entries, Note, Source, Step } from './source.ts';

/** What follows from an outcome. */
export interface Advance {
  progress: PullProgress;
  /** What the answer has, to be kept before the progress is. */
  entries: Entries[];
  state:
    | { kind: 'continue' }
    | { kind: 'done' }
    /** Until this time, milliseconds since the epoch. */
    | { kind: 'waiting'; until: number; reason: string }
    | { kind: 'paused'; reason: string; isTokenRefused: boolean }
    /** What the pull was given cannot work. */
    | { kind: 'failed'; reason: string };
}

/**
 * Moves a pull on by the outcome of the request that its cursor asks for.
 * @param bytes of the answer
 */
export function advance(source: Source, progress: PullProgress, outcome: PullOutcome, bytes: number): Advance {
  const counted = { ...progress, requests: progress.requests + 1, bytes: progress.bytes + bytes };
  const { about } = source.ask(progress.cursor);
  function stay(state: Advance['state'], attempts = progress.attempts + 1): Advance {
    return { progress: { ...counted, attempts }, entries: [], state };
  }
  switch (outcome.kind) {
    case 'wait': {
      const reason = `${about}: ${outcome.reason}; attempt ${counted.attempts + 1} of ${mostAttempts}`;
      const refused = outcome.isLimit ? undefined : refuseServer(source, progress, outcome.reason);
      return stay(refused ?? { kind: 'waiting', until: outcome.until, reason });
    }
    case 'pause': {
      const reason = `${about}: ${outcome.reason}`;
      const refused = refuseServer(source, progress, outcome.reason);
      return stay(refused ?? { kind: 'paused', reason, isTokenRefused: false }, 0);
    }
    case 'missing':
    case 'forbidden': {
      const body = outcome.kind === 'forbidden' ? outcome.body : undefined;
      const isRevoked = outcome.kind === 'forbidden' && outcome.status === 401;
      const step = isRevoked ? undefined : source.refuse(progress.cursor, outcome.kind, body);
      if (step !== undefined) return take(counted, step, about);
      if (outcome.kind === 'forbidden') return stay(refuseToken(source, about, outcome.status), 0);
      const reason = `${about}: not found; check the address and the names`;
      const refused = refuseServer(source, progress, 'its API was not found there');
      return stay(refused ?? { kind: 'paused', reason, isTokenRefused: false }, 0);
    }
    case 'answer':
      return read(source, counted, outcome.body, about);
    default:
      return outcome satisfies never;
  }
}

/** Of an address that has never answered, a failure says that it is the wrong one. One that has is asked again. */
function refuseServer({ server }: Source, { answers }: PullProgress, why: string): Advance['state'] | undefined {
  if (server === undefined || answers > 0) return undefined;
  return { kind: 'failed', reason: `\`server\` must be ${server.allowed}; got \`${server.given}\`: ${why}` };
}

function refuseToken({ needs }: Source, about: string, status: number): Advance['state'] {
  const reason = `${about}: \`token\` must be ${needs}; the one given was refused (HTTP ${status})`;
  return { kind: 'paused', reason, isTokenRefused: true };
}

function read(source: Source, progress: PullProgress, body: unknown, about: string): Advance {
  function stay(state: Advance['state']): Advance {
    return { progress: { ...progress, attempts: 0 }, entries: [], state };
  }
  try {
    return take(progress, source.read(progress.cursor, body), about);
  } catch (error) {
    if (error instanceof RefusedField) return stay({ kind: 'failed', reason: error.message });
    if (!(error instanceof UnexpectedAnswer)) throw error;
    const refused = refuseServer(source, progress, error.message);
    return stay(refused ?? { kind: 'paused', reason: error.message, isTokenRefused: false });
  }
}

function take(progress: PullProgress, { next, entries, notes }: Step, about: string): Advance {
  // A page that names itself as the next one would be asked for, and kept, until the pull reaches its limits.
  if (isDeepStrictEqual(next, progress.cursor)) {
    const reason = `${about}: the answer says that it goes on with the same page again`;
    return {
      progress: { ...progress, attempts: 0 },
      entries: [],
      state: { kind: 'paused', reason, isTokenRefused: false },
    };
  }
  const moved: PullProgress = {
    ...progress,
    attempts: 0,
    answers: progress.answers + 1,
    links: progress.links + countOf(entries, (kind) => kind === 'links'),
    rows: progress.rows + countOf(entries, (kind) => kind !== 'links'),
    range: extendRange(progress.range, entries),
    notes: addNotes(progress.notes, notes),
  };
  if (next === undefined) return { progress: moved, entries, state: { kind: 'done' } };
  const state = findBound(moved) ?? { kind: 'continue' };
  return { progress: { ...moved, cursor: next }, entries, state };
}

function countOf(entries: readonly Entries[], isCounted: (kind: Entries['kind']) => boolean): number {
  return entries.reduce((sum, { kind, values }) => sum + (isCounted(kind) ? values.length : 0), 0);
}

/** A pull beyond a bound is paused: an endless list would never end. */
function findBound({ requests, bytes }: PullProgress): Advance['state'] | undefined {
  if (requests < pullLimits.requests && bytes < pullLimits.bytes) return undefined;
  const reason = `the pull has reached its limit of ${pullLimits.requests} requests and ${pullLimits.bytes / 1_000_000_000} GB`;
  return { kind: 'paused', reason, isTokenRefused: false };
}

function addNotes(notes: readonly Note[], more: readonly Note[]): Note[] {
  const counts = new Map(notes.map(({ text, count }) => [text, count]));
  for (const { text, count } of more)
    if (counts.has(text) || counts.size < pullLimits.notes) counts.set(text, (counts.get(text) ?? 0) + count);
  return [...counts].map(([text, count]) => ({ text, count }));
}
