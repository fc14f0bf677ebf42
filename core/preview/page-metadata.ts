import { cut } from '#core/cut.ts';

/** What a web page says of itself. */
export interface PageMetadata {
  title: string | null;
  description: string | null;
  /** https address of the image of its preview card. */
  image: string | null;
  /** Addresses of icons, the best first. */
  icons: readonly string[];
}

/**
 * Reads the head of a page: title and card (Open Graph, Twitter), description and icons. Takes time in proportion to the text,
 * whatever is in it.
 * @param base address of the page
 */
export function readPageMetadata(html: string, base: string): PageMetadata {
  const tags = readTags(html);
  const named = new Map<string, string>();
  for (const { name, attributes } of tags) {
    if (name !== 'meta') continue;
    const key = (attributes.get('property') ?? attributes.get('name') ?? '').toLowerCase();
    const content = toLine(attributes.get('content') ?? '');
    if (content !== '' && !named.has(key)) named.set(key, content);
  }
  const title = tags.find(({ name }) => name === 'title')?.text;
  const image = pick(named, ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image', 'twitter:image:src']);
  return {
    title: shorten(pick(named, ['og:title', 'twitter:title']) ?? (toLine(decodeEntities(title ?? '')) || null), 300),
    description: shorten(pick(named, ['og:description', 'twitter:description', 'description']), 500),
    image: image === null ? null : webAddress(image, base, ['https:']),
    icons: readIcons(tags, base),
  };
}

interface Tag {
  name: string;
  attributes: ReadonlyMap<string, string>;
  /** Of a title. */
  text?: string;
}

/** Tags that are looked at; pages have about a hundred in their head. */
const mostTags = 2_000;

/** Reads the tags that matter until the body begins. Comments, scripts and styles are skipped. */
function readTags(html: string): Tag[] {
  const tags: Tag[] = [];
  const start = /<!--|<(title|meta|link|script|style|noscript|body|\/head)(?=[\s/>])/gi;
  for (let looked = 0; looked < mostTags; looked += 1) {
    const match = start.exec(html);
    const name = match?.[1]?.toLowerCase();
    if (match === null || name === 'body' || name === '/head') break;
    if (name === undefined) start.lastIndex = indexAfter(html, '-->', start.lastIndex);
    else if (name === 'script' || name === 'style' || name === 'noscript')
      start.lastIndex = indexAfter(html, `</${name}`, start.lastIndex);
    else {
      const { attributes, end } = readAttributes(html, start.lastIndex);
      start.lastIndex = end;
      tags.push({ name, attributes, ...(name === 'title' && { text: readTitle(html, end) }) });
    }
  }
  return tags;
}

function readTitle(html: string, from: number): string {
  const text = html.slice(from, from + longestValue);
  return text.slice(0, indexOfTag(text, '</title', 0));
}

function indexAfter(html: string, text: string, from: number): number {
  const index = indexOfTag(html, text, from);
  return Math.min(html.length, index + text.length);
}

/** Returns the position of an end tag in any capitals, or the end of the text. */
function indexOfTag(html: string, text: string, from: number): number {
  const found = new RegExp(text, 'gi');
  found.lastIndex = from;
  return found.exec(html)?.index ?? html.length;
}

/** Characters of a value that are read. A longer one ends the tag: else, quotes without an end would be searched again and again. */
const longestValue = 4_096;
const attribute = new RegExp(
  String.raw`[\s/]*([^\s"'<>/=]{1,100})(?:\s{0,20}=\s{0,20}(?:"([^"]{0,${longestValue}})"|'([^']{0,${longestValue}})'|([^\s"'=<>${'`'}]{1,${longestValue}})))?`,
  'y',
);

function readAttributes(html: string, from: number): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>();
  let end = from;
  for (let count = 0; count < 50; count += 1) {
    attribute.lastIndex = end;
    const match = attribute.exec(html);
    if (match === null) break;
    const [, name = '', ...values] = match;
    if (!attributes.has(name.toLowerCase()))
      attributes.set(name.toLowerCase(), decodeEntities(values.find((value) => value !== undefined) ?? ''));
    end = attribute.lastIndex;
  }
  const close = html.indexOf('>', end);
  // Only blanks and slashes may be between the last attribute and the end of a tag.
  return { attributes, end: close >= 0 && close - end <= 20 ? close + 1 : end };
}

function pick(named: ReadonlyMap<string, string>, keys: readonly string[]): string | null {
  return keys.map((key) => named.get(key)).find((value) => value !== undefined) ?? null;
}

/** Icons near 32 pixels first: they are shown at 16 to 32. */
function readIcons(tags: readonly Tag[], base: string): string[] {
  const icons = tags.flatMap(({ name, attributes }) => {
    const rel = attributes.get('rel')?.toLowerCase().split(/\s+/) ?? [];
    if (name !== 'link' || !rel.some((word) => word === 'icon' || word === 'apple-touch-icon')) return [];
    const address = webAddress(attributes.get('href') ?? '', base, ['https:', 'http:']);
    const size = Number.parseInt(attributes.get('sizes') ?? '', 10);
    const distance = Number.isNaN(size) ? 16 : Math.abs(size - 32);
    return address === null ? [] : [{ address, distance: rel.includes('icon') ? distance : distance + 500 }];
  });
  const own = webAddress('/favicon.ico', base, ['https:', 'http:']);
  return [
    ...new Set([...icons.sort((a, b) => a.distance - b.distance).map(({ address }) => address), ...(own ? [own] : [])]),
  ];
}

/** Longest address that a link can keep. */
const longestAddress = 2_048;

function webAddress(text: string, base: string, protocols: readonly string[]): string | null {
  const url = URL.parse(text.trim(), base);
  if (url === null || !protocols.includes(url.protocol) || url.username !== '' || url.password !== '') return null;
  return url.href.length > longestAddress ? null : url.href;
}

/** Returns the text in one line, without control characters. */
function toLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** Cuts between characters, with an ellipsis. */
function shorten(text: string | null, length: number): string | null {
  return text === null || text.length <= length ? text : `${cut(text, length - 1)?.trimEnd()}…`;
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (entity, decimal, hex, name) => {
    if (name !== undefined) return entities.get(String(name)) ?? entity;
    const point = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : entity;
  });
}

/** Those that titles have. */
const entities: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: '&',
    apos: "'",
    bull: '•',
    copy: '©',
    euro: '€',
    gt: '>',
    hellip: '…',
    laquo: '«',
    ldquo: '“',
    lsquo: '‘',
    lt: '<',
    mdash: '—',
    middot: '·',
    nbsp: ' ',
    ndash: '–',
    quot: '"',
    raquo: '»',
    rdquo: '”',
    reg: '®',
    rsquo: '’',
    shy: '',
    trade: '™',
    Auml: 'Ä',
    Ouml: 'Ö',
    Uuml: 'Ü',
    auml: 'ä',
    eacute: 'é',
    egrave: 'è',
    ouml: 'ö',
    szlig: 'ß',
    uuml: 'ü',
  }),
);
