import { z } from 'zod';
import { invalidRequest } from './problem.ts';

const partsSchema = z.array(z.string().max(512)).min(1).max(3);

/** @throws {Problem} 400 for what is no cursor of ours */
export function parseCursor(cursor: string | undefined): string[] {
  if (cursor === undefined) return [];
  const parts = partsSchema.safeParse(parsed(cursor));
  if (!parts.success)
    throw invalidRequest([{ field: 'cursor', value: cursor.slice(0, 200), allowed: '`next` of the answer before' }]);
  return parts.data;
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A page of a listing that was read with one row more than asked for. */
export function toListing<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? formatCursor(keyOf(last)) : null };
}

/** Where a listing goes on, in text that callers hand back as it is. */
export function formatCursor(...parts: string[]): string {
  return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');
}
