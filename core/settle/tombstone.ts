import { createHash } from 'node:crypto';

/** Who or what is erased: a page with everything on it, a visitor of one day, or a person who consented to an id. */
export const erasureKinds = ['page', 'visitor', 'consented'] as const;
export type ErasureKind = (typeof erasureKinds)[number];

export interface ErasureSubject {
  kind: ErasureKind;
  value: string;
}

/** SHA-256 in upper-case hex, as `to_hex(sha256(to_utf8(…)))` gives it: a tombstone does not keep whom it is about. */
export const tombstoneHash = ({ kind, value }: ErasureSubject): string =>
  createHash('sha256').update(`${kind}:${value}`).digest('hex').toUpperCase();
