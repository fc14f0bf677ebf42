import { z } from 'zod';
import { hourLength } from '#core/time.ts';
import { channelLimits } from '#schemas/channels.ts';

/** What came back from a service. */
export type ChannelResponse =
  | { kind: 'status'; status: number; retryAfter: string | null; body: Uint8Array }
  | { kind: 'failed'; reason: string };

/** What users may know of it: never the body, which may hold anything that a private server responds. */
export type ChannelOutcome =
  | { kind: 'delivered'; detail: string }
  | {
      kind: 'failed';
      detail: string;
      /** Milliseconds that the service asked to wait. */
      retryAfter: number;
      /** The service wants no more messages. */
      final: boolean;
    };

/** @param now milliseconds since the epoch */
export function readOutcome(response: ChannelResponse, now: number): ChannelOutcome {
  if (response.kind === 'failed') return { kind: 'failed', detail: response.reason, retryAfter: 0, final: false };
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: 'delivered', detail: `HTTP ${status}` };
  return {
    kind: 'failed',
    detail: `returned HTTP ${status}`,
    retryAfter: Math.min(readRetryAfter(response, now), longestWait),
    final: status === 410,
  };
}

/** A wait beyond this is not believed. */
const longestWait = 24 * hourLength;

/** The header, in seconds or as a date. Telegram has it in the body alone, and Discord with fractions there. */
const limitedSchema = z.object({
  retry_after: z.number().min(0).optional(),
  parameters: z.object({ retry_after: z.number().min(0).optional() }).optional(),
});

function readRetryAfter({ retryAfter, body }: Extract<ChannelResponse, { kind: 'status' }>, now: number): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(retryAfter ?? '');
  if (date > now) return date - now;
  const limited = limitedSchema.safeParse(parseJson(body)).data;
  return (limited?.parameters?.retry_after ?? limited?.retry_after ?? 0) * 1000;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Milliseconds before each further attempt; the last one repeats. Jobs send several times an hour. */
const backoff = [5 * 60_000, 30 * 60_000, 2 * hourLength, 5 * hourLength];

interface Attempt {
  /** Attempts so far, this one included. */
  attempts: number;
  /** Time of the first one, and of this one; milliseconds since the epoch. */
  first: number;
  now: number;
}

/** Returns when a message is sent again, in milliseconds since the epoch; undefined if it is given up. */
export function nextAttempt(
  { retryAfter, final }: Extract<ChannelOutcome, { kind: 'failed' }>,
  { attempts, first, now }: Attempt,
): number | undefined {
  if (final || now - first >= channelLimits.retryHours * hourLength) return undefined;
  const wait = backoff[Math.min(attempts, backoff.length) - 1] ?? 0;
  return now + Math.max(wait, retryAfter);
}
