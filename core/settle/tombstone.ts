import { createHash } from 'node:crypto';
import { type ErasureKind, erasureKinds } from '#schemas/lake-jobs.ts';

/** Links are erased with their page; tombstones of their own block their counters. */
export const tombstoneKinds = [...erasureKinds, 'link'] as const;

export interface ErasureSubject {
  kind: ErasureKind;
  value: string;
}

/** Says why a path cannot be used again. */
export function describeErased(path: string): string {
  return `The page \`${path}\` was erased, so events with this path are never counted. Choose another path.`;
}

/** Returns the hash of the tombstone that keeps an entity's counters out; undefined for kinds that have none. */
export function hashEntity(entity: string): string | undefined {
  const [, kind, value] = /^(page|link)#(.*)$/.exec(entity) ?? [];
  return (kind === 'page' || kind === 'link') && value !== undefined ? hashSubject({ kind, value }) : undefined;
}

/** Returns SHA-256 in upper-case hex, like `to_hex(sha256(to_utf8(…)))` in SQL: a tombstone does not name its subject. */
export function hashSubject({ kind, value }: { kind: (typeof tombstoneKinds)[number]; value: string }): string {
  return createHash('sha256').update(`${kind}:${value}`).digest('hex').toUpperCase();
}
