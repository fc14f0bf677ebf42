import type { MiddlewareHandler } from 'hono';
import { createHash } from 'node:crypto';
import { StoreUnavailable } from '#stores/errors.ts';
import type { Idempotency } from '#stores/cache/idempotency.ts';
import type { ApiEnvironment } from './deps.ts';
import { conflict, invalidRequest, Problem } from './problem.ts';

const header = 'idempotency-key';
const keyPattern = /^[\x21-\x7e]{1,255}$/;

/** A POST with an `idempotency-key` is done once: sent again within 24 hours it gets the same answer. */
export function idempotent(store: Idempotency): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const key = c.req.header(header);
    if (c.req.method !== 'POST' || key === undefined) return next();
    if (!keyPattern.test(key))
      throw invalidRequest([{ field: header, value: key.slice(0, 200), allowed: '1 to 255 printable characters' }]);
    const digest = digestOf(c.req.method, c.req.url, await c.req.arrayBuffer());
    const request = { sender: c.var.principal.id, key, digest };
    const begun = await store.begin(request);
    switch (begun.kind) {
      case 'other':
        throw otherRequest(key);
      case 'running':
        throw conflict('A request with this idempotency key is being served.');
      case 'answered': {
        const { status, contentType, body } = begun.answer;
        c.res = new Response(body, { status, headers: { 'content-type': contentType, 'idempotent-replayed': 'true' } });
        return undefined;
      }
      case 'new':
        break;
      default:
        return begun satisfies never;
    }
    await next();
    // What failed may be sent again; what was thrown is an answer by now.
    if (!c.res.ok) await takeNote(store.forget(request));
    else {
      const answer = c.res.clone();
      const contentType = answer.headers.get('content-type') ?? 'application/json';
      const body = await answer.text();
      await takeNote(store.finish(request, { status: answer.status, contentType, body }));
    }
    return undefined;
  };
}

function digestOf(method: string, url: string, body: ArrayBuffer): string {
  return createHash('sha256').update(`${method} ${url}\n`).update(new Uint8Array(body)).digest('base64url');
}

function otherRequest(key: string): Problem {
  return new Problem(
    422,
    'idempotency-key-reused',
    'The key was used for another request',
    'Use a new idempotency key.',
    {
      errors: [{ field: header, value: key, allowed: 'a key of its own for every request' }],
    },
  );
}

/** What was done is done, and its answer is right whether the store takes note of it or not. */
async function takeNote(noted: Promise<void>): Promise<void> {
  try {
    await noted;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}
