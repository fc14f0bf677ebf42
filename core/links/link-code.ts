import { linkCodePattern, reservedCodes } from '#schemas/catalog-keys.ts';

export type CodeCheck = { kind: 'accepted' } | { kind: 'refused'; rule: 'pattern' | 'reserved'; message: string };

/** Judges a short code that somebody asks for. Case matters: `Spring` and `spring` are two links. */
export const checkCode = (code: string): CodeCheck => {
  if (!linkCodePattern.test(code)) {
    const message = `code ${JSON.stringify(code)} is refused by rule code.pattern: it must have 1 to 64 of A-Z a-z 0-9 _ -`;
    return { kind: 'refused', rule: 'pattern', message };
  }
  if (reservedCodes.includes(code)) {
    const message = `code ${JSON.stringify(code)} is refused by rule code.reserved: the edge itself serves this path`;
    return { kind: 'refused', rule: 'reserved', message };
  }
  return { kind: 'accepted' };
};
