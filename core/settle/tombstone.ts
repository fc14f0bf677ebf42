import { createHash } from 'node:crypto';

/** Who or what is erased: a page with everything on it, a visitor of one day, or a person who consented to an id. */
export const erasureKinds = ['page', 'visitor', 'consented'] as const;
export type ErasureKind = (typeof erasureKinds)[number];
/** Links go with their page; their own tombstones keep their counters out. */
export const tombstoneKinds = [...erasureKinds, 'link'] as const;

export interface ErasureSubject {
  kind: ErasureKind;
  value: string;
}

/** Returns the hash of the tombstone that keeps an entity's counters out; undefined for kinds that have none. */
export function hashEntity(entity: string): string | undefined {
  const [, kind, value] = /^(page|link)#(.*)$/.exec(entity) ?? [];
  return (kind === 'page' || kind === 'link') && value !== undefined ? hashSubject({ kind, value }) : undefined;
}

/** SHA-256 in upper-case hex, as `to_hex(sha256(to_utf8(…)))` gives it: a tombstone does not keep whom it is about. */
export function hashSubject({ kind, value }: { kind: (typeof tombstoneKinds)[number]; value: string }): string {
  return createHash('sha256').update(`${kind}:${value}`).digest('hex').toUpperCase();
}
