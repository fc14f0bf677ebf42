import { describeFieldError } from '#core/field-error.ts';
import { linkCodePattern, linksOfPageLimit, reservedCodes } from '#schemas/catalog-rules.ts';

export type CodeCheck =
  | { kind: 'accepted' }
  | { kind: 'refused'; rule: 'pattern' | 'reserved'; allowed: string; message: string };

/** Checks a requested code. `Spring` and `spring` are two links, unless the stack ignores case. */
export function checkCode(code: string): CodeCheck {
  if (!linkCodePattern.test(code)) return refused(code, 'pattern');
  return reservedCodes.includes(code) ? refused(code, 'reserved') : { kind: 'accepted' };
}

/** Says why a code of a deleted link is not free. */
export function describeReserved(code: string, page: string): string {
  return `The code \`${code}\` is reserved for the page \`${page}\`, whose link was deleted.`;
}

/** Says why a page can have no more links. */
export function describeFull(page: string): string {
  const limit = linksOfPageLimit.toLocaleString('en-US');
  return `The page \`${page}\` would have more than ${limit} links and aliases, including deleted ones. An admin can release their codes.`;
}

const allowedValues = {
  pattern: '1 to 64 of the characters A-Z a-z 0-9 _ -',
  reserved: 'a code that is not reserved',
} as const;

function refused(code: string, rule: keyof typeof allowedValues): CodeCheck {
  const allowed = allowedValues[rule];
  return { kind: 'refused', rule, allowed, message: describeFieldError({ field: 'code', value: code, allowed }) };
}
