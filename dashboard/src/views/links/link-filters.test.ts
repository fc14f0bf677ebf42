import { expect, it } from 'vitest';
import { linkViewSchema } from '#schemas/api/links.ts';
import { filterLinks, readFilters, sortLinks } from './link-filters.ts';

const now = Date.parse('2026-11-22T14:00:00Z');

function link(code: string, changes: object = {}) {
  return linkViewSchema.parse({
    id: code,
    code,
    aliases: [],
    page: '/ada',
    domain: null,
    shortUrl: `https://go.example/${code}`,
    url: `https://example.com/${code}`,
    protected: false,
    createdAt: '2026-11-01T00:00:00Z',
    updatedAt: '2026-11-01T00:00:00Z',
    ...changes,
  });
}

const links = [
  link('plain', { createdAt: '2026-11-03T00:00:00Z' }),
  link('tagged', { tags: ['spring'], campaign: 'c', title: 'Ähre' }),
  link('off', { enabled: false, title: 'Zebra' }),
  link('away', { archived: true, tags: ['spring'] }),
  link('locked', { protected: true, expiresAt: '2026-11-02T00:00:00Z' }),
];

it.each([
  ['', ['plain', 'locked', 'off', 'tagged']],
  ['state=archived', ['away']],
  ['state=disabled', ['off']],
  ['state=protected', ['locked']],
  ['state=expired', ['locked']],
  ['tag=spring', ['tagged']],
  ['campaign-of=c', ['tagged']],
  ['search=SPRING', ['tagged']],
  ['search=zeb', ['off']],
  ['sort=code', ['locked', 'off', 'plain', 'tagged']],
  ['sort=title', ['tagged', 'locked', 'plain', 'off']],
  ['sort=clicks', ['off', 'locked', 'plain', 'tagged']],
  ['state=toString&sort=constructor', ['plain', 'locked', 'off', 'tagged']],
])('%s', (query, codes) => {
  const filters = readFilters(new URLSearchParams(query));
  const clicks = new Map([['off', { clicks: 3, days: [3] }]]);
  expect(sortLinks(filterLinks(links, filters, now), filters, clicks).map(({ code }) => code)).toEqual(codes);
});
