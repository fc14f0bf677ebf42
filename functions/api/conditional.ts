import type { MiddlewareHandler } from 'hono';
import { createHash } from 'node:crypto';
import type { ApiEnvironment } from './deps.ts';
import { conflict, Problem } from './problem.ts';

export interface ConditionalChange<Stored> {
  /** The `if-match` header of the request. */
  ifMatch: string | undefined;
  /** Returns the stored record, if the caller may change it. @throws {Problem} */
  read: () => Promise<Stored>;
  /** Returns what the API shows of the record: its JSON has the etag. */
  toView: (stored: Stored) => object;
  change: (stored: Stored) => Stored | Promise<Stored>;
  /** Returns false if the stored record is no longer `previous`. */
  replace: (changed: Stored, previous: Stored) => Promise<boolean>;
}

/**
 * Changes a stored record without losing a change that someone else makes at the same time. With `if-match`, the record
 * must be the one that the caller read; without it, the change is applied to the newest one.
 * @throws {Problem} 412 if the record is not the one that the caller read; 409 if it changes all the time
 */
export async function changeRecord<Stored>(options: ConditionalChange<Stored>): Promise<Stored> {
  const { ifMatch, read, toView, change, replace } = options;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const stored = await read();
    checkMatch(ifMatch, toView(stored));
    const changed = await change(stored);
    if (await replace(changed, stored)) return changed;
  }
  throw conflict('It is being changed by others. Try again.');
}

const maxAttempts = 5;

/** @throws {Problem} 412 if `if-match` names other versions than this one */
export function checkMatch(ifMatch: string | undefined, view: object): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const tags: readonly string[] = ifMatch.match(/"[^"]*"/g) ?? [];
  if (tags.includes(`"${hexDigest(JSON.stringify(view))}"`)) return;
  throw new Problem(
    412,
    'precondition-failed',
    'Changed by someone else',
    'It has changed since you loaded it. Load it again, then repeat your change.',
  );
}

/** Gives the response of a change the etag that the next `GET` will have. */
export function tagChanges(): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    await next();
    if ((c.req.method === 'PUT' || c.req.method === 'PATCH') && c.res.ok)
      c.header('etag', `"${hexDigest(await c.res.clone().text())}"`);
  };
}

/** Hashes like hono's etag middleware, which tags the responses to `GET`. */
function hexDigest(body: string): string {
  return createHash('sha1').update(body).digest('hex');
}

/** Returns a time after the record's last change, so that `updatedAt` tells versions apart even within a millisecond. */
export function updatedAfter({ updatedAt }: { updatedAt: string }, now: number): string {
  return new Date(Math.max(now, Date.parse(updatedAt) + 1)).toISOString();
}
