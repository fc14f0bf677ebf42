import { expect, it } from 'vitest';
import { planImport } from '#core/imports/plan-import.ts';
import { readLinks } from '#core/imports/read-links.ts';
import { readTable } from '#core/imports/read-table.ts';
import { linkViewSchema } from '#schemas/api/links.ts';
import { filterLinks, readFilters, sortLinks } from './link-filters.ts';
import { toCsv } from './links-csv.ts';

const now = Date.parse('2026-11-22T14:00:00Z');

function link(code: string, changes: object = {}) {
  return linkViewSchema.parse({
    id: code,
    code,
    aliases: [],
    page: '/ada',
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

it('exports links that an import reads again', async () => {
  const full = link('full', {
    title: 'Notes, "quoted"\nand more',
    aliases: ['more', 'codes'],
    tags: ['a b', 'c'],
    clickLimit: 5,
    position: -1,
    passQuery: true,
    deviceUrls: { ios: 'https://apps.example/' },
    utm: { utm_source: 'bio' },
    variants: [{ url: 'https://example.com/b', weight: 40 }],
    card: { title: 'Card', description: null, image: 'https://example.com/c.png' },
    expiresAt: '2026-12-01T00:00:00Z',
  });
  const reading = readTable();
  reading.push(new TextEncoder().encode(toCsv([full, ...links])));
  const read = readLinks(reading.end());
  expect([read.questions, read.refused]).toEqual([[], []]);
  const plan = await planImport(read.links, {
    now,
    ownHost: 'go.example',
    ignoreCase: false,
    replace: false,
    findLink: async () => undefined,
    findCodes: async () => new Map(),
    describeTaken: (code) => code,
  });
  expect(plan.refused).toEqual([]);
  expect(plan.accepted.map(({ link }) => link)).toEqual(
    [full, ...links].map(({ id: _id, protected: _protected, updatedAt: _updated, ...link }) => ({
      ...link,
      passwordHash: null,
      updatedAt: new Date(now).toISOString(),
    })),
  );
});
