import { createHash } from 'node:crypto';
import { importedHour } from '#schemas/lake-keys.ts';
import { type ErasureKind, erasureKinds } from '#schemas/lake-jobs.ts';
import type { UtcHour } from './hours.ts';

/** Links are erased with their page; tombstones of their own block their counters. An import is undone by one. */
export const tombstoneKinds = [...erasureKinds, 'link', 'import'] as const;

export type TombstoneKind = (typeof tombstoneKinds)[number];

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

/**
 * Returns whether the rows of an hour may be those of a tombstone. Anyone may undo imports: they cost nothing in the queries of
 * other hours.
 */
export function excludesRows(
  { kind, dates }: { kind: TombstoneKind; dates?: { first: string; last: string } },
  { dt, hr }: UtcHour,
): boolean {
  switch (kind) {
    // A link's events are erased with its page. A page has thousands of links, and a query ends at 256 KB.
    case 'link':
    // Of these, rows are kept without their ids.
    case 'ids':
      return false;
    case 'import':
      return hr === importedHour && (dates === undefined || (dates.first <= dt && dt <= dates.last));
    case 'page':
    case 'visitor':
    case 'consented':
      return true;
    default:
      return kind satisfies never;
  }
}

/** Returns SHA-256 in upper-case hex, like `to_hex(sha256(to_utf8(…)))` in SQL: a tombstone does not name its subject. */
export function hashSubject({ kind, value }: { kind: TombstoneKind; value: string }): string {
  return createHash('sha256').update(`${kind}:${value}`).digest('hex').toUpperCase();
}
