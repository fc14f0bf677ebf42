import { linkCodePattern, reservedCodes } from '#schemas/catalog-rules.ts';

export type CodeCheck =
  | { kind: 'accepted' }
  /** `allowed` says what would be accepted; `message` holds the value and the rule as well. */
  | { kind: 'refused'; rule: 'pattern' | 'reserved'; allowed: string; message: string };

/** Evaluates a short code that somebody asks for. Case matters: `Spring` and `spring` are two links. */
export function checkCode(code: string): CodeCheck {
  if (!linkCodePattern.test(code)) return refused(code, 'pattern');
  return reservedCodes.includes(code) ? refused(code, 'reserved') : { kind: 'accepted' };
}

const allowedValues = {
  pattern: 'it must have 1 to 64 of A-Z a-z 0-9 _ -',
  reserved: 'the edge itself serves this path',
} as const;

function refused(code: string, rule: keyof typeof allowedValues): CodeCheck {
  const allowed = allowedValues[rule];
  const message = `code ${JSON.stringify(code)} is refused by rule code.${rule}: ${allowed}`;
  return { kind: 'refused', rule, allowed, message };
}
