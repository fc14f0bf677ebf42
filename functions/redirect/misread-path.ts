import { parseRoute, type Route } from './route.ts';

/** What a path that leads nowhere was probably meant to be. */
export interface Misread {
  /** Routes to try in this order: what the path says without what was added by accident. At most two. */
  meant: readonly Route[];
  /** A code that is not what the path says, but close to it. Its link is not followed; the miss is counted for it. */
  near: string | null;
}

export interface MisreadOptions {
  /** Whether codes are equal if they differ in capitals only. Codes are then stored in lower case. */
  ignoreCase: boolean;
}

/** Longest path that is reread, in UTF-16 code units. An address of a link has at most 65 characters before its tail. */
const longestPath = 512;

/**
 * Rereads a path after a miss. Texts, mail clients and chats add to an address what was not part of it: `/k3x9.`, `/k3x9)`,
 * `/k3x9%20`, `//k3x9`, `/k3x9&amp;…`, an invisible character, a quotation mark. Escapes of unreserved characters are equal
 * to the characters (RFC 3986, 6.2.2.2): `/fr%61g` is `/frag`.
 *
 * The number of routes is bounded, because each costs a lookup that anyone can cause.
 */
export function rereadPath(path: string, { ignoreCase }: MisreadOptions): Misread {
  if (path.length > longestPath) return nothingMeant;
  const text = unescape(path).normalize('NFKC').replace(invisible, '').replace(dashes, '-').replace(leading, '');
  const isPage = text.startsWith('@');
  const name = readName(isPage ? text.slice(1) : text, isPage ? pageCharacters : codeCharacters);
  if (isPage)
    return { meant: name.whole ? routesTo(path, [`/@${name.text}`, `/@${trim(name.text)}`]) : [], near: null };
  const lower = trim(name.text).toLowerCase();
  const meant = name.whole ? [name.text, ignoreCase ? lower : trim(name.text)] : [];
  const near = name.whole && (ignoreCase || lower === name.text) ? null : lower;
  return {
    meant: routesTo(
      path,
      meant.map((code) => `/${code}`),
    ),
    near: near !== null && parseRoute(`/${near}`).kind === 'link' ? near : null,
  };
}

const nothingMeant: Misread = { meant: [], near: null };

/** Format characters (zero width, soft hyphen, direction), which a copied address may contain anywhere, and variation selectors. */
const invisible = /[\p{Cf}\uFE00-\uFE0F]/gu;
/** Word processors replace a hyphen by a dash. */
const dashes = /\p{Pd}/gu;
const leading = /^[/\s\p{Ps}\p{Pi}"'*<]+/u;

/** Decodes twice, because some mail scanners escape an escaped address again. Malformed escapes stay as they are. */
function unescape(path: string): string {
  return decode(decode(path));
}

function decode(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

const codeCharacters = /^[\w-]*/;
const pageCharacters = /^[\w.-]*/;

/** What cannot be part of an address: from here on, the text goes on with something else. */
const end = /^[\s&?#;<>"'`|\\]/;
const punctuation = /^[\p{P}\p{S}\p{C}\s]*$/u;

/** Reads the name at the start of a text. It is the whole path if only punctuation or another text follows. */
function readName(text: string, characters: RegExp): { text: string; whole: boolean } {
  const name = characters.exec(text)?.[0] ?? '';
  const tail = text.slice(name.length);
  return { text: name, whole: end.test(tail) || punctuation.test(tail) };
}

/** Cuts punctuation that a code or path may end with, but rarely does. */
function trim(name: string): string {
  return name.replace(/[-_.]+$/, '');
}

/** Returns the routes of the paths, without the one that was already looked up. */
function routesTo(asked: string, paths: readonly string[]): Route[] {
  const first = asked.endsWith('/') ? asked.slice(0, -1) : asked;
  return [...new Set(paths)].filter((each) => each !== first).map(parseRoute);
}
