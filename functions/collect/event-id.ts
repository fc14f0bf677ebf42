import { createHash } from 'node:crypto';

/**
 * Derives an event's id from the id that its client gave it, so that a retry has the same one: the first 64 bits of the
 * SHA-256 of page, source and id, as a signed decimal string. Two sources may use the same id, and no page can use that of
 * another.
 */
export function ownEventId(page: string, id: string, source = 'tracker'): string {
  return createHash('sha256').update(`event\n${page}\n${source}\n${id}`).digest().readBigInt64BE(0).toString();
}
