import type { UnusableLine } from '#core/access-log/log-format.ts';

/** Lines that cannot be sent. Holds the first of each reason, however many there are. */
export interface RefusedLines {
  count: number;
  reasons: Map<string, { count: number; first: { line: number; value: string | undefined }[] }>;
}

export const listedLines = 20;

export function addRefused(refused: RefusedLines, line: number, { reason, value }: UnusableLine): void {
  refused.count += 1;
  const found = refused.reasons.get(reason) ?? { count: 0, first: [] };
  found.count += 1;
  if (found.first.length < listedLines)
    found.first.push({ line, value: value === undefined ? undefined : detach(value) });
  refused.reasons.set(reason, found);
}

/** Copies a part of a text. Without it, the text that was read with it would stay in memory. */
export function detach(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
