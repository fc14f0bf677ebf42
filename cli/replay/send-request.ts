import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import type { LoggedRequest } from '#core/access-log/log-format.ts';
import { replayHeaders } from '#schemas/edge-headers.ts';

export type SendResult =
  | { kind: 'answered'; status: number }
  /** The edge is overloaded: it did not count the request, and asks to send it again. */
  | { kind: 'refused'; status: number; retryAfterMs: number }
  /** There was no response. */
  | { kind: 'unanswered'; reason: string };

export type Send = (code: string, logged: LoggedRequest) => Promise<SendResult>;

/**
 * Creates a client that sends logged requests to the local edge over persistent connections, without following
 * redirects.
 * @param base `http://localhost:8787`
 */
export function createSender(base: string, connections: number): { send: Send; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const send: Send = (code, logged) =>
    new Promise((resolve) => {
      const path = `/${code}${logged.query === '' ? '' : `?${logged.query}`}`;
      const { method } = logged;
      const sent = httpRequest(`${base}/`, {
        agent,
        method,
        path,
        headers: buildHeaders(logged),
        timeout: responseTimeoutMs,
      });
      sent.on('response', (response) => {
        response.on('end', () => resolve(readResponse(response)));
        response.on('error', (error) => resolve({ kind: 'unanswered', reason: describe(error) }));
        response.resume();
      });
      sent.on('timeout', () => sent.destroy(new Error(`no response within ${responseTimeoutMs / 1000} s`)));
      sent.on('error', (error) => resolve({ kind: 'unanswered', reason: describe(error) }));
      sent.end();
    });
  return { send, close: () => agent.destroy() };
}

const responseTimeoutMs = 30_000;

/** Builds the headers. One that the log shows as absent is sent empty; one that the log does not record is left out. */
function buildHeaders({ userAgent, referrer, address, time }: LoggedRequest): Record<string, string> {
  return {
    ...(userAgent !== undefined && { 'user-agent': userAgent ?? '' }),
    ...(referrer !== undefined && { referer: referrer ?? '' }),
    [replayHeaders.address]: address,
    [replayHeaders.time]: new Date(time).toISOString(),
  };
}

/**
 * A prefetch is a 503 too, but an outcome: it has no `retry-after`. Other errors of the server come from the edge, which may
 * have received the request or not.
 */
function readResponse({ statusCode = 0, headers }: IncomingMessage): SendResult {
  const retryAfterMs = Number(headers['retry-after'] ?? Number.NaN) * 1_000;
  if ((statusCode === 429 || statusCode === 503) && Number.isFinite(retryAfterMs))
    return { kind: 'refused', status: statusCode, retryAfterMs };
  if (statusCode >= 500 && statusCode !== 503) return { kind: 'unanswered', reason: `status ${statusCode}` };
  return { kind: 'answered', status: statusCode };
}

function describe(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
