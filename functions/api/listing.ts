import { z } from 'zod';
import { invalidRequest } from './problem.ts';

export interface ListRequest {
  cursor?: string | undefined;
  limit: number;
}

export interface ListSource<Row, View> {
  /** Reads at most `limit` rows after the row with this key; from the start if there is none. */
  readAfter: (key: string | undefined, limit: number) => Promise<Row[]>;
  keyOf: (row: Row) => string;
  toView: (row: Row) => View | Promise<View>;
}

/**
 * Reads one page of a list whose cursor is the key of its last row.
 * @throws {Problem} 400 for an invalid cursor
 */
export async function readListing<Row, View>(
  { cursor, limit }: ListRequest,
  { readAfter, keyOf, toView }: ListSource<Row, View>,
): Promise<{ rows: View[]; next: string | null }> {
  const [key] = parseCursor(cursor);
  const { rows, next } = toListing(await readAfter(key, limit + 1), limit, keyOf);
  return { rows: await Promise.all(rows.map(toView)), next };
}

const cursorSchema = z.array(z.string().max(512)).min(1).max(3);

/** @throws {Problem} 400 for an invalid cursor */
export function parseCursor(cursor: string | undefined): string[] {
  if (cursor === undefined) return [];
  const parts = cursorSchema.safeParse(decodeJson(cursor));
  if (!parts.success)
    throw invalidRequest([
      { field: 'cursor', value: cursor.slice(0, 200), allowed: '`next` of the previous response' },
    ]);
  return parts.data;
}

function decodeJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Cuts a list that was read with one row more than requested. */
function toListing<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rows.length > limit && last !== undefined ? formatCursor(keyOf(last)) : null };
}

/** Rows that one response looks at: 1 s of reads, or 10 s if each is as large as it may be. */
export const maxLooked = 1000;

/**
 * Returns the matching rows of a long list. A search that has to look at more than a thousand continues with the next
 * cursor, even if it has found less than `limit`.
 * @param last the key of the row before the first
 */
export async function searchListing<Row>(
  rows: AsyncIterable<Row>,
  { limit, last }: { limit: number; last: string | undefined },
  { keyOf, matches }: { keyOf: (row: Row) => string; matches: (row: Row) => boolean },
): Promise<{ rows: Row[]; next: string | null }> {
  const found: Row[] = [];
  let [looked, key] = [0, last];
  for await (const row of rows) {
    const fits = matches(row);
    if (looked++ >= maxLooked || (fits && found.length === limit))
      return { rows: found, next: key === undefined ? null : formatCursor(key) };
    if (fits) found.push(row);
    key = keyOf(row);
  }
  return { rows: found, next: null };
}

/** Returns an opaque cursor that holds the keys. */
export function formatCursor(...keys: string[]): string {
  return Buffer.from(JSON.stringify(keys), 'utf8').toString('base64url');
}
