import { z } from 'zod';
import { notPublic } from '#core/alerts/public-address.ts';
import { isDeeper } from '#core/json-depth.ts';
import { hourLength } from '#core/time.ts';

/** What came back from the API of a tool. */
export type PullResponse =
  | { kind: 'status'; status: number; retryAfter: string | null; body: Uint8Array }
  | { kind: 'failed'; reason: string };

export type PullOutcome =
  | { kind: 'answer'; body: unknown }
  /** The object is gone. */
  | { kind: 'missing' }
  /** The token, its scopes or the plan do not cover the request. */
  | { kind: 'forbidden'; status: number; body: unknown }
  /** Ask again at this time, milliseconds since the epoch. A limit is an answer of the tool; other waits follow a failure. */
  | { kind: 'wait'; until: number; reason: string; isLimit: boolean }
  /** Waiting does not help, or not soon. Someone may resume the pull. */
  | { kind: 'pause'; reason: string };

/** Bytes of an answer. The largest expected ones have about 3 MB. */
export const mostAnswerBytes = 20_000_000;

/** Attempts of one request: with the waits about 2 hours, and 14 hours if the tool asks for the longest wait each time. */
export const mostAttempts = 8;

interface Attempt {
  /** Attempts so far, this one included. */
  attempts: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Decides what follows from a response. It says nothing of a body but names of errors, because anyone may have written it. */
export function readOutcome(response: PullResponse, attempt: Attempt): PullOutcome {
  if (response.kind === 'failed')
    return response.reason === notPublic ? { kind: 'pause', reason: notPublic } : tryAgain(response.reason, 0, attempt);
  const { status, body } = response;
  if (status >= 200 && status < 300) return readBody(body, attempt);
  const parsed = parseJson(body);
  if (status === 429 || (status === 403 && isRateLimit(parsed))) return limit(response, parsed, attempt);
  if (status === 401 || status === 402 || status === 403) return { kind: 'forbidden', status, body: parsed };
  if (status === 404 || status === 410) return { kind: 'missing' };
  if (status >= 300 && status < 400)
    return { kind: 'pause', reason: `redirects (HTTP ${status}); give the address that it redirects to` };
  const described = `returned HTTP ${status}${describeError(parsed)}`;
  if (status === 408 || status === 425 || status >= 500)
    return tryAgain(described, readRetryAfter(response, attempt.now), attempt);
  return { kind: 'pause', reason: described };
}

function readBody(body: Uint8Array, attempt: Attempt): PullOutcome {
  if (body.length > mostAnswerBytes)
    return { kind: 'pause', reason: `answered with more than ${mostAnswerBytes / 1_000_000} MB` };
  const parsed = parseJson(body);
  // A proxy may answer with a page of its own for a while.
  return parsed === undefined ? tryAgain('did not answer with JSON', 0, attempt) : { kind: 'answer', body: parsed };
}

/** Titles in answers of Bitly may hold control characters that JSON does not allow. */
function parseJson(body: Uint8Array): unknown {
  try {
    const text = Buffer.from(body).toString('utf8');
    // oxlint-disable-next-line no-control-regex -- these are what breaks JSON
    const parsed: unknown = JSON.parse(text.replace(/[\u0000-\u001f]/g, ' '));
    return isDeeper(parsed) ? undefined : parsed;
  } catch {
    return undefined;
  }
}

/** Names of errors, by tool: Bitly `{message}`, Dub `{error: {code}}`. Others have a sentence, which is not shown. */
const errorSchema = z.object({
  message: z.string().optional().catch(undefined),
  error: z.object({ code: z.string().optional() }).optional().catch(undefined),
});

function findName(body: unknown): string | undefined {
  const { data } = errorSchema.safeParse(body);
  const name = data?.error?.code ?? data?.message;
  return name !== undefined && /^\w{1,60}$/.test(name) ? name : undefined;
}

function describeError(body: unknown): string {
  const name = findName(body);
  return name === undefined ? '' : ` (${name})`;
}

/** Bitly has also answered 403 beyond a limit. */
function isRateLimit(body: unknown): boolean {
  return /RATE_LIMIT/i.test(findName(body) ?? '');
}

function limit(response: Extract<PullResponse, { kind: 'status' }>, body: unknown, attempt: Attempt): PullOutcome {
  if (/MONTHLY/i.test(findName(body) ?? ''))
    return { kind: 'pause', reason: 'the requests of this month are used up; resume on the first of the next month' };
  const wait = tryAgain('limits the rate of requests', readRetryAfter(response, attempt.now), attempt);
  return wait.kind === 'wait' ? { ...wait, isLimit: true } : wait;
}

/** Milliseconds before each further attempt. Limits are by minute or by hour. */
const backoff = [2_000, 10_000, 60_000, 5 * 60_000, 15 * 60_000, 30 * 60_000, hourLength];

/** A wait beyond this is not believed. */
const longestWait = 2 * hourLength;

function tryAgain(reason: string, asked: number, { attempts, now }: Attempt): PullOutcome {
  if (attempts >= mostAttempts) return { kind: 'pause', reason: `${reason}, ${attempts} times` };
  const wait = asked > 0 ? asked : (backoff[Math.min(attempts, backoff.length) - 1] ?? hourLength);
  return { kind: 'wait', until: now + wait, reason, isLimit: false };
}

/** Returns milliseconds to wait: of seconds, a date, or milliseconds since the epoch as Dub writes them; 0 without a header. */
function readRetryAfter({ retryAfter }: Extract<PullResponse, { kind: 'status' }>, now: number): number {
  if (retryAfter === null || retryAfter.trim() === '') return 0;
  const number = Number(retryAfter);
  const wait = Number.isNaN(number) ? Date.parse(retryAfter) - now : toWait(number, now);
  return wait > 0 ? Math.min(wait, longestWait) : 0;
}

function toWait(number: number, now: number): number {
  if (number > 1e12) return number - now;
  return number > 1e9 ? number * 1000 - now : number * 1000;
}
