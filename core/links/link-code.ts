import { describeFieldError } from '#core/field-error.ts';
import { linkCodePattern, reservedCodes } from '#schemas/catalog-rules.ts';

export type CodeCheck =
  | { kind: 'accepted' }
  | { kind: 'refused'; rule: 'pattern' | 'reserved'; allowed: string; message: string };

/** Checks a requested code. `Spring` and `spring` are two links, unless the stack ignores case. */
export function checkCode(code: string): CodeCheck {
  if (!linkCodePattern.test(code)) return refused(code, 'pattern');
  return reservedCodes.includes(code) ? refused(code, 'reserved') : { kind: 'accepted' };
}

const allowedValues = {
  pattern: '1 to 64 of the characters A-Z a-z 0-9 _ -',
  reserved: 'a code that is not reserved',
} as const;

function refused(code: string, rule: keyof typeof allowedValues): CodeCheck {
  const allowed = allowedValues[rule];
  return { kind: 'refused', rule, allowed, message: describeFieldError({ field: 'code', value: code, allowed }) };
}
