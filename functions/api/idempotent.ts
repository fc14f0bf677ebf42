import type { MiddlewareHandler } from 'hono';
import { createHmac } from 'node:crypto';
import { StoreUnavailable } from '#stores/errors.ts';
import type { Idempotency } from '#stores/cache/idempotency.ts';
import type { Access } from './access.ts';
import type { ApiEnvironment } from './deps.ts';
import { conflict, invalidRequest, Problem } from './problem.ts';

export type ResponseAccess = Pick<Access, 'checksOf' | 'repeat'>;

const header = 'idempotency-key';
const keyPattern = /^[\x21-\x7e]{1,255}$/;

/**
 * Executes a POST with an `idempotency-key` once. A repeat within 24 hours gets the response of the first request, if the
 * caller still has access to all that it shows, and no secret of a key or share that was revoked since.
 */
export function idempotent(store: Idempotency, access: ResponseAccess): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const key = c.req.header(header);
    if (c.req.method !== 'POST' || key === undefined) return next();
    if (!keyPattern.test(key))
      throw invalidRequest([{ field: header, value: key.slice(0, 200), allowed: '1 to 255 printable characters' }]);
    const digest = hashRequest(key, c.req, await c.req.arrayBuffer());
    const { principal } = c.var;
    const request = { sender: principal.id, key, digest };
    const begun = await store.begin(request);
    switch (begun.kind) {
      case 'other':
        throw keyReused(key);
      case 'running':
        throw conflict('The first request with this idempotency key is still being processed. Try again later.');
      case 'answered': {
        const { status, contentType, body, checks } = begun.answer;
        await access.repeat(principal, checks);
        c.res = new Response(body, { status, headers: { 'content-type': contentType, 'idempotent-replayed': 'true' } });
        return undefined;
      }
      case 'new':
        break;
      default:
        return begun satisfies never;
    }
    await next();
    // A failed request may be retried. Thrown problems are responses by now.
    if (!c.res.ok) await ignoreOutage(store.forget(request));
    else {
      const response = c.res.clone();
      const contentType = response.headers.get('content-type') ?? 'application/json';
      const body = await response.text();
      const checks = [...access.checksOf(principal)];
      await ignoreOutage(store.finish(request, { status: response.status, contentType, body, checks }));
    }
    return undefined;
  };
}

/** Keyed, because a body may hold a password, which a plain hash would let a reader of the table guess. */
function hashRequest(key: string, { method, url }: { method: string; url: string }, body: ArrayBuffer): string {
  return createHmac('sha256', key).update(`${method} ${url}\n`).update(new Uint8Array(body)).digest('base64url');
}

function keyReused(key: string): Problem {
  return new Problem(
    422,
    'idempotency-key-reused',
    'Idempotency key reused',
    'This idempotency key was used for another request. Use a new key for each request.',
    { errors: [{ field: header, value: key, allowed: 'a new key for each request' }] },
  );
}

/** The request has been executed, so its response is valid even if the store could not record it. */
async function ignoreOutage(recorded: Promise<void>): Promise<void> {
  try {
    await recorded;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}
