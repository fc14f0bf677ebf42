import type { Kind } from '#cli/parameters.ts';

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** An existing date: 2026-02-30 is invalid. */
export const date: Kind<string> = {
  hint: '<date>',
  allowed: 'a date such as 2026-11-22',
  parse: (value) => {
    const at = dayPattern.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
    return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value) ? value : undefined;
  },
};

/** A signed 64-bit integer in decimal. An export puts an apostrophe before one that a spreadsheet would round. */
export const visitorId: Kind<string> = {
  hint: '<id>',
  allowed: 'a visitor_id as in exports: a whole number of 64 bits',
  parse: (value) => {
    if (!/^'?-?\d{1,19}$/.test(value)) return undefined;
    const id = BigInt(value.replace(/^'/, ''));
    return BigInt.asIntN(64, id) === id ? String(id) : undefined;
  },
};
