import { Agent, METHODS, request as httpRequest } from 'node:http';
import type { LoggedRequest } from '#core/access-log/parse.ts';
import { replayHeaders } from '#schemas/edge-headers.ts';

export type Answer =
  | { kind: 'answered'; status: number }
  /** The request never left: HTTP cannot carry it. */
  | { kind: 'unsendable'; reason: string }
  /** It left, or tried to, and no answer came. */
  | { kind: 'unanswered'; reason: string };

export type Send = (code: string, logged: LoggedRequest) => Promise<Answer>;

const answerTimeout = 30_000;

/**
 * Sends logged requests to the local edge over connections that stay open. Redirects are not followed.
 * @param base `http://localhost:8787`
 */
export function createSender(base: string, connections: number): { send: Send; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const send: Send = (code, logged) => {
    const reason = whyUnsendable(logged);
    if (reason) return Promise.resolve({ kind: 'unsendable', reason });
    return new Promise((resolve) => {
      const path = `/${code}${logged.query === '' ? '' : `?${logged.query}`}`;
      const { method } = logged;
      const sent = httpRequest(`${base}/`, { agent, method, path, headers: headersOf(logged), timeout: answerTimeout });
      sent.on('response', (response) => {
        response.on('end', () => resolve({ kind: 'answered', status: response.statusCode ?? 0 }));
        response.on('error', (error) => resolve({ kind: 'unanswered', reason: describe(error) }));
        response.resume();
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${answerTimeout / 1000} s`)));
      sent.on('error', (error) => resolve({ kind: 'unanswered', reason: describe(error) }));
      sent.end();
    });
  };
  return { send, close: () => agent.destroy() };
}

// oxlint-disable-next-line no-control-regex -- control characters are what this pattern looks for
const notInHeader = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;

function whyUnsendable({ method, userAgent, referrer }: LoggedRequest): string | undefined {
  if (method === 'CONNECT' || !METHODS.includes(method)) return `the method ${method} cannot be sent`;
  if (notInHeader.test(userAgent ?? '')) return 'the user agent holds control characters';
  if (notInHeader.test(referrer ?? '')) return 'the referrer holds control characters';
  return undefined;
}

/** The headers of a logged request; one that the log knows to be absent is sent empty, one it cannot know is left out. */
function headersOf({ userAgent, referrer, address, time }: LoggedRequest): Record<string, string> {
  return {
    ...(userAgent !== undefined && { 'user-agent': userAgent ?? '' }),
    ...(referrer !== undefined && { referer: referrer ?? '' }),
    [replayHeaders.address]: address,
    [replayHeaders.time]: new Date(time).toISOString(),
  };
}

function describe(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
