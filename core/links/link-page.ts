import type { Link, Page } from '#schemas/catalog.ts';
import { linkPageStyle } from './link-page-style.ts';
import { escapeHtml } from './escape-html.ts';

/**
 * The whole link page as HTML: no script, no font, no image, no request but itself. 60 links of ordinary titles are
 * about 3 KB compressed.
 * @param now milliseconds since the epoch: links that are closed then are left out
 */
export function renderLinkPage(page: Page, links: readonly Link[], now: number): string {
  const description = page.description === null ? '' : `<p dir="auto">${escapeHtml(page.description)}</p>`;
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1">' +
    '<meta name="color-scheme" content="light dark">' +
    metaHtml(page) +
    `<style>${linkPageStyle}</style></head><body><main><header>` +
    `<div class="mark" aria-hidden="true">${escapeHtml(initialOf(page.title))}</div>` +
    `<h1 dir="auto">${escapeHtml(page.title)}</h1>${description}</header>` +
    listHtml(listEntries(links, now)) +
    '</main></body></html>\n'
  );
}

/** No `og:url`: the edge does not forward the host, and a relative one is worse than none. */
function metaHtml(page: Page): string {
  const title = escapeHtml(page.title);
  const description = page.description === null ? '' : escapeHtml(page.description);
  return (
    `<title>${title}</title>` +
    (description && `<meta name="description" content="${description}">`) +
    '<meta property="og:type" content="profile">' +
    `<meta property="og:title" content="${title}">` +
    (description && `<meta property="og:description" content="${description}">`) +
    '<meta name="twitter:card" content="summary">'
  );
}

const graphemes = new Intl.Segmenter();

/** The first letter or emoji of the title, as a stand-in for a portrait. */
function initialOf(title: string): string {
  return graphemes.segment(title.trim())[Symbol.iterator]().next().value?.segment.toLocaleUpperCase('en') ?? '·';
}

/** What the page shows of a link. */
interface Entry {
  code: string;
  title: string;
  /** Host of the destination, or null where it has none (`mailto:`). */
  host: string | null;
}

function listHtml(entries: readonly Entry[]): string {
  return entries.length === 0
    ? '<p class="empty">No links yet. Come back soon.</p>'
    : `<nav aria-label="Links"><ul>${entries.map(entryHtml).join('')}</ul></nav>`;
}

function entryHtml({ code, title, host }: Entry): string {
  const hostHtml = host === null || host === title ? '' : `<small dir="ltr">${escapeHtml(host)}</small>`;
  return `<li><a href="/${escapeHtml(code)}"><span dir="auto">${escapeHtml(title)}</span>${hostHtml}</a></li>`;
}

/** The links that the page shows at that moment, by position, then by creation. */
export function listEntries(links: readonly Link[], now: number): Entry[] {
  return links
    .filter((link) => isShown(link, now))
    .toSorted(byPosition)
    .map(({ code, title, url }) => ({ code, title: title ?? hostOf(url) ?? code, host: hostOf(url) }));
}

function isShown(link: Link, now: number): boolean {
  return (
    link.listed &&
    link.enabled &&
    (link.startsAt === null || now >= Date.parse(link.startsAt)) &&
    (link.expiresAt === null || now < Date.parse(link.expiresAt) || link.expiredUrl !== null)
  );
}

function byPosition(a: Link, b: Link): number {
  return (a.position ?? Infinity) - (b.position ?? Infinity) || (a.createdAt < b.createdAt ? -1 : 1);
}

function hostOf(url: string): string | null {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) return null;
  return parsed.hostname.replace(/^www\./, '');
}
