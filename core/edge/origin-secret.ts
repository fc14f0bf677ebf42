import { createHash, timingSafeEqual } from 'node:crypto';
import { originSecretHeader } from '#schemas/edge-headers.ts';

/** Headers of an HTTP API event; names are in lower case. */
type Headers = Readonly<Record<string, string | undefined>>;

/** Returns whether a request came through CloudFront, which adds the secret. Anyone can call the HTTP API's own address. */
export function cameThroughCloudFront(headers: Headers, secret: string): boolean {
  // Hashes have equal lengths, so that the comparison takes the same time for every guess.
  return timingSafeEqual(digest(headers[originSecretHeader] ?? ''), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Response of an HTTP API function, payload 2.0. */
interface ProblemResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Wraps a handler of the HTTP API, so that a request that did not come through CloudFront gets a 403 before anything else
 * is done for it: it has passed neither the web ACL nor the viewer function.
 * @param originSecret rejects if it was never read; the response is then a 503
 */
export function requireCloudFront<Event extends { headers?: Headers }, Rest extends unknown[], Result>(
  handler: (event: Event, ...rest: Rest) => Promise<Result>,
  originSecret: () => Promise<string>,
): (event: Event, ...rest: Rest) => Promise<Result | ProblemResponse> {
  return async (event, ...rest) => {
    const secret = await originSecret().catch(() => undefined);
    if (secret === undefined)
      return problem(503, 'unavailable', 'Unavailable', 'The origin secret cannot be read. Try again shortly.');
    if (!cameThroughCloudFront(event.headers ?? {}, secret))
      return problem(403, 'not-through-cloudfront', 'Forbidden', 'The request did not come through CloudFront.');
    return handler(event, ...rest);
  };
}

function problem(statusCode: number, kind: string, title: string, detail: string): ProblemResponse {
  return {
    statusCode,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(statusCode === 503 && { 'retry-after': '5' }),
    },
    body: JSON.stringify({ type: `urn:hopcount:problem:${kind}`, title, status: statusCode, detail }),
  };
}
