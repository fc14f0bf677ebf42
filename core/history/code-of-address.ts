import { linkCodePattern } from '#schemas/catalog-rules.ts';

/** Reads the code of a short address: `https://s.example/spring?x=1`, `s.example/spring`, `/spring` or `spring`. */
export function codeOfAddress(address: string): { code: string } | { reason: string } {
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[?#].*$/s, '');
  const hasHost = path !== address || path.includes('/');
  const code = decode(hasHost ? path.replace(/^[^/]*\/?/, '') : path).replace(/\/+$/, '');
  if (code === '') return { reason: 'is the address of no short link' };
  return linkCodePattern.test(code)
    ? { code }
    : { reason: 'must end in a code of up to 64 letters, digits, `-` and `_`' };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
