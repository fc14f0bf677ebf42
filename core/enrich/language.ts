import { eventFields } from '#schemas/event.ts';
import { memoize } from '#core/memoize.ts';

/** Returns the first language of an `accept-language` header: `de-AT`. NULL if absent, unknown, `*` or malformed. */
export function languageOf(header: string | null | undefined): string | null {
  return header ? known(header.slice(0, headerLimit)) : null;
}

const tagPattern = /^\s*([a-z]{2,8}(?:-[a-z0-9]{1,8})*)\s*(?:[,;]|$)/i;

/** Longer headers are not parsed. */
const headerLimit = 200;

const known = memoize(2048, parse);

function parse(header: string): string | null {
  const tag = tagPattern.exec(header)?.[1];
  return tag && tag.length <= eventFields.language.limit ? canonical(tag) : null;
}

/** `zh-hant-tw` → `zh-Hant-TW` (RFC 5646, 2.1.1). */
function canonical(tag: string): string {
  return tag
    .split('-')
    .map((part, index) => {
      if (index === 0) return part.toLowerCase();
      if (part.length === 2) return part.toUpperCase();
      return part.length === 4 ? part.charAt(0).toUpperCase() + part.slice(1).toLowerCase() : part.toLowerCase();
    })
    .join('-');
}
