import { expect, it } from 'vitest';
import { linkViewSchema } from '#schemas/api/links.ts';
import { destinationWith, linkState, toDraft, toLinkBody, toWebAddress } from './link-draft.ts';

const at = '2026-11-01T08:00:00.000Z';
const link = linkViewSchema.parse({
  id: 'k3x9~a1b2c3d4',
  code: 'k3x9',
  page: '/ada',
  shortUrl: 'https://go.example/k3x9',
  url: 'https://example.com/?utm_source=own',
  title: 'Notes',
  deviceUrls: { ios: 'https://apps.example/ada' },
  countryUrls: { AT: 'https://example.at/' },
  utm: { utm_source: 'bio', utm_medium: 'page' },
  startsAt: at,
  protected: true,
  clickLimit: 50,
  tags: ['bio', 'spring'],
  variants: [{ url: 'https://example.com/b', weight: 40 }],
  card: { title: 'Notes', image: 'https://example.com/card.png' },
  createdAt: at,
  updatedAt: at,
});

it('round-trips a link', () => {
  const { id, code, page, createdAt, updatedAt, position, section, icon, archived, aliases, ...others } = link;
  const { protected: locked, shortUrl, ...rest } = others;
  expect([
    id,
    code,
    page,
    createdAt,
    updatedAt,
    position,
    section,
    icon,
    archived,
    aliases,
    locked,
    shortUrl,
  ]).toHaveLength(12);
  const body = toLinkBody(toDraft(link));
  expect({ ...body, tags: body.tags.map((tag) => tag.trim()) }).toEqual(rest);
});

it('changes the password only if asked to', () => {
  expect(toLinkBody({ ...toDraft(link), password: 'sesame' })).toMatchObject({ password: 'sesame' });
  expect(toLinkBody({ ...toDraft(link), open: true })).toMatchObject({ password: null });
  expect(toLinkBody(toDraft(link))).not.toHaveProperty('password');
});

it.each([
  ['shop.example/spring?size=m', 'https://shop.example/spring?size=m'],
  [' shop.example:8443 ', 'https://shop.example:8443'],
  ['https://shop.example', 'https://shop.example'],
  ['mailto:ada@example.com', 'mailto:ada@example.com'],
  ['localhost', 'localhost'],
  ['two words.example', 'two words.example'],
  ['', ''],
])('completes the address %j: %s', (typed, address) => {
  expect(toWebAddress(typed)).toBe(address);
});

it('omits empty values, and writes countries in upper case', () => {
  const draft = {
    ...toDraft(),
    url: ' https://example.com ',
    countryUrls: [{ country: 'de', url: 'https://example.de' }],
  };
  expect(toLinkBody(draft)).toMatchObject({
    url: 'https://example.com',
    title: null,
    deviceUrls: {},
    countryUrls: { DE: 'https://example.de' },
    utm: {},
  });
});

it('adds UTM values that the destination does not have', () => {
  expect(destinationWith(toDraft(link))).toBe('https://example.com/?utm_source=own&utm_medium=page');
  expect(destinationWith({ ...toDraft(link), url: 'not yet' })).toBe('not yet');
});

it.each([
  [{}, 'active'],
  [{ enabled: false }, 'disabled'],
  [{ startsAt: '2026-12-01T00:00:00Z' }, 'scheduled'],
  [{ expiresAt: '2026-11-02T00:00:00Z' }, 'expired'],
] as const)('returns the state of %o', (change, state) => {
  expect(linkState({ ...link, ...change }, Date.parse('2026-11-22T14:00:00Z'))).toBe(state);
});
