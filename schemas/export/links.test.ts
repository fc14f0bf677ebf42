import { expect, it } from 'vitest';
import { planImport } from '#core/imports/plan-import.ts';
import { type LinksRead, readLinks } from '#core/imports/read-links.ts';
import { readTable } from '#core/imports/read-table.ts';
import { linkViewSchema } from '#schemas/api/links.ts';
import { fc } from '#test/property.ts';
import { createLinkFile, type ExportedLink, type LinkFileFormat } from './links.ts';

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

const full = link('full', {
  domain: 'go.acme.example',
  shortUrl: 'https://go.acme.example/full',
  title: 'Notes, "quoted"\nand more',
  aliases: ['more', 'codes'],
  tags: ['a b', 'c'],
  campaign: '=SUM(A1)',
  clickLimit: 5,
  position: -1,
  passQuery: true,
  deviceUrls: { ios: 'https://apps.example/' },
  countryUrls: { AT: 'https://example.com/at' },
  utm: { utm_source: 'bio' },
  variants: [{ url: 'https://example.com/b', weight: 40 }],
  card: { title: 'Card', description: null, image: 'https://example.com/c.png' },
  startsAt: '2026-11-02T00:00:00+01:00',
  expiresAt: '2026-12-01T00:00:00Z',
  expiredUrl: 'https://example.com/over',
  status: 308,
  enabled: false,
  archived: true,
  listed: false,
  section: 'Größe',
  icon: true,
});

const links = [
  full,
  link('plain'),
  // A spreadsheet would read these as a number, a date, a formula.
  link('007', { aliases: ['1e5', '3-4', '-x'], title: '=1+1' }),
  link('-dash', { title: "'=quoted", url: 'https://example.com/;=a;-b?c=;+d' }),
  link('12', { aliases: ['34'], title: '日本 😀 Ähre' }),
];

function write(format: LinkFileFormat, exported: readonly ExportedLink[]): string {
  const { start, toText, end } = createLinkFile(format);
  return [start, ...exported.map(toText), end].join('');
}

function read(text: string): LinksRead {
  const reading = readTable();
  reading.push(new TextEncoder().encode(text));
  return readLinks(reading.end());
}

async function planEmpty(text: string) {
  const found = read(text);
  expect([found.questions, found.refused]).toEqual([[], []]);
  const plan = await planImport(found.links, {
    now,
    ownHosts: ['go.example'],
    ignoreCase: false,
    replace: false,
    mainDomain: 'go.example',
    domains: [{ name: 'go.acme.example', agency: null, page: null, serves: 'own' }],
    openPages: async () => () => ({}),
    findLink: async () => undefined,
    findCodes: async () => new Map(),
    describeTaken: (code) => code,
  });
  expect(plan.refused).toEqual([]);
  return plan.accepted.map((row) => row.link);
}

function withoutStack({
  id: _id,
  protected: _protected,
  shortUrl: _url,
  updatedAt: _updated,
  ...rest
}: ReturnType<typeof link>) {
  return { ...rest, passwordHash: null, updatedAt: new Date(now).toISOString() };
}

it.each(['csv', 'json'] as const)('%s: what is exported is imported again, field by field', async (format) => {
  expect(await planEmpty(write(format, links))).toEqual(links.map(withoutStack));
});

it.each(['csv', 'json'] as const)('%s: any title, campaign and destination', async (format) => {
  const text = fc
    .string({ unit: fc.constantFrom(...Array.from('=+-@＝;,"\'\t\n\r |a1é😀')), maxLength: 12 })
    .map((found) => found.trim())
    .filter((found) => found !== '');
  await fc.assert(
    fc.asyncProperty(text, text, async (title, path) => {
      const one = link('x', { title, campaign: title, url: `https://example.com/${encodeURI(path)}` });
      expect(await planEmpty(write(format, [one]))).toEqual([withoutStack(one)]);
    }),
  );
});

it('a spreadsheet reads CSV as UTF-8, codes as text, and no cell as a formula', () => {
  const lines = write('csv', links).split('\r\n');
  expect(lines[0]).toMatch(/^\uFEFFcode,aliases,url,page,/);
  expect(lines.find((line) => line.startsWith("'007,"))).toContain(",'=1+1,");
  expect(lines.find((line) => line.startsWith("'12,'34,"))).toBeDefined();
  expect(write('csv', links)).not.toMatch(/(?:^|[,;\t"])[=+@-][^,]/m);
});

it.each([
  ['bitly', 'Bitly', 'long_url,custom_bitlink,title,tags,archived,created_at\r\n'],
  ['dub', 'Dub', 'Short link,Destination URL,Title,Tags,Created at,Archived\r\n'],
  ['shlink', 'Shlink', 'Long URL,Short code,Domain,Title,Tags\r\n'],
] as const)('%s: each code and alias is a link with the same destination', (format, tool, header) => {
  const text = write(format, links);
  expect(text.startsWith(header)).toBe(true);
  const found = read(text);
  expect(found).toMatchObject({ tool, refused: [], questions: [] });
  const codes = links.flatMap(({ code, aliases, url }) => [code, ...aliases].map((each) => ({ code: each, url })));
  expect(found.links.map((row) => ({ code: row.link['code'], url: row.link['url'] }))).toEqual(codes);
  expect(found.links[0]?.link['tags']).toEqual(format === 'shlink' ? ['a b', 'c'] : ['a b', ' c']);
});

it('no links are a file with its header', () => {
  expect(write('csv', []).split('\r\n')).toHaveLength(2);
  expect(JSON.parse(write('json', []))).toEqual([]);
  expect(write('dub', [])).toBe('Short link,Destination URL,Title,Tags,Created at,Archived\r\n');
});
