import { checkCode } from '#core/links/link-code.ts';

/** Characters that a suggestion has at most, if its first word is not longer. */
const goodLength = 20;
const longest = 40;

/**
 * Returns codes for a link, the best first: of the title, of the path, of the host, then with a number. All are in lower
 * case, and none is reserved; whether they are free is not known here.
 * @example suggestCodes('Spring sale – up to 50% off | The shop', 'https://shop.example/') // ['spring-sale', 'shop', 'spring-sale-2', …]
 */
export function suggestCodes(title: string | null, url: string): string[] {
  const { pathname = '', hostname = '' } = URL.parse(url) ?? {};
  const segment = decode(pathname.split('/').findLast(Boolean) ?? '').replace(/\.\w{1,5}$/, '');
  const [host = ''] = hostname.replace(/^www\./, '').split('.');
  // What follows a dash or a bar is mostly the name of the site.
  const [heading = ''] = (title ?? '').split(/\s[|–—·•»-]+\s|:\s/, 1);
  const found = [heading, title ?? '', segment, host].map(toCode).filter((code) => code !== '');
  const [best = 'link'] = found;
  const numbered = Array.from({ length: 8 }, (_, at) => `${best}-${at + 2}`);
  return [...new Set([...found, ...numbered])].filter((code) => checkCode(code).kind === 'accepted');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Takes whole words while they are short together, without those that say little. */
function toCode(text: string): string {
  const words = toLatin(text).match(/[a-z0-9]+/g) ?? [];
  const telling = words.filter((word) => !fillers.has(word));
  const chosen = telling.length > 0 ? telling : words;
  let code = '';
  for (const word of chosen) {
    if (code !== '' && code.length + 1 + word.length > goodLength) break;
    code = code === '' ? word : `${code}-${word}`;
  }
  return code.slice(0, longest);
}

/** Returns the text in lower case, letters with marks as the letters, and those that Unicode does not decompose as usual. */
function toLatin(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/['’\p{M}]/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => spelled[letter] ?? '');
}

const spelled: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** Articles, conjunctions and prepositions of titles in English, German, French and Spanish; names of default pages. */
const fillers: ReadonlySet<string> = new Set(
  'a an and at by for from in is of on or the to with das der die ein eine fur im mit und von zu au de des du et la le les un une del el en los para por y home html index'.split(
    ' ',
  ),
);
