import { expect, it } from 'vitest';
import { plainLink } from '#core/links/link.fixture.ts';
import { linkLimits } from '#schemas/catalog-rules.ts';
import type { Link } from '#schemas/catalog.ts';
import type { LinkDomain } from '#schemas/settings/link-domains.ts';
import { type FoundCode, type ImportPage, planImport } from './plan-import.ts';
import type { ImportRow } from './read-links.ts';

const now = Date.parse('2026-11-22T07:00:00Z');
const url = 'https://shop.example/';
const domains: LinkDomain[] = [
  { name: 'go.acme.example', agency: 'acme', page: null, serves: 'own' },
  { name: 'go.open.example', agency: null, page: null, serves: 'own' },
];

function plan(
  rows: ImportRow['link'][],
  options: {
    stored?: Link[];
    replace?: boolean;
    ignoreCase?: boolean;
    deleted?: string;
    pageOfRows?: ImportPage;
  } = {},
) {
  const { stored = [], replace = false, ignoreCase = false, deleted, pageOfRows } = options;
  const found = new Map<string, FoundCode>(
    stored.flatMap((link) => [
      [link.code, { kind: 'link', link }] as const,
      ...link.aliases.map((alias) => [alias, { kind: 'alias', link }] as const),
    ]),
  );
  if (deleted !== undefined) found.set('gone', { kind: 'reserved', reservation: { page: deleted } });
  return planImport(
    rows.map((link, index) => ({ line: index + 2, link })),
    {
      now,
      ownHosts: ['go.example'],
      ignoreCase,
      page: '/ada',
      replace,
      mainDomain: 'go.example',
      domains,
      openPages: async () => () => ({ page: pageOfRows }),
      findLink: async (code) => stored.find((link) => link.code === code || link.aliases.includes(code)),
      findCodes: async () => found,
      describeTaken: (code, { kind }) => `${code} is a ${kind}`,
    },
  );
}
function problems({ refused }: Awaited<ReturnType<typeof plan>>) {
  return refused.map(({ line, field, message }) => `${line} ${field}: ${message}`);
}

it.each([
  [undefined, null, null],
  [undefined, 'go.open.example', 'go.open.example'],
  [undefined, 'gone.example', null],
  ['bit.ly', 'go.open.example', 'go.open.example'],
  ['go.example', 'go.open.example', null],
  [null, 'go.open.example', null],
  ['go.acme.example', 'go.open.example', 'go.acme.example'],
])('a row that names the domain %s, on a page at %s, is at %s', async (domain, ofPage, expected) => {
  const pageOfRows = { agency: 'acme', domain: ofPage };
  const { accepted } = await plan([{ code: 'a', url, ...(domain !== undefined && { domain }) }], { pageOfRows });
  expect(accepted.map(({ link }) => link.domain)).toEqual([expected]);
});

it('a domain of another agency is refused, and a file that names none moves no link', async () => {
  const foreign = await plan([{ code: 'a', url, domain: 'go.acme.example' }], {
    pageOfRows: { agency: 'west', domain: null },
  });
  expect(problems(foreign)).toEqual([
    '2 domain: `domain` must be one of go.example, go.open.example; got `go.acme.example`.',
  ]);
  const stored = [{ ...plainLink, domain: 'go.open.example' }];
  const replaced = await plan([{ code: plainLink.code, url }], { stored, replace: true });
  expect(replaced.accepted.map(({ link }) => link.domain)).toEqual(['go.open.example']);
});

it('checks each row; the defaults are the catalog’s', async () => {
  const found = await plan([
    { code: 'a', url, createdAt: '2020-01-01T00:00:00Z' },
    { code: 'b', url: 'javascript:alert(1)' },
    { url },
  ]);
  expect(found.accepted).toMatchObject([
    { line: 2, link: { code: 'a', page: '/ada', status: 302, createdAt: '2020-01-01T00:00:00Z' } },
  ]);
  expect(found.refused.map(({ line, field }) => [line, field])).toEqual([
    [3, 'url'],
    [4, 'code'],
  ]);
});

it('refuses a link from the future', async () => {
  expect(problems(await plan([{ code: 'a', url, createdAt: '2026-11-22T07:00:01Z' }]))).toEqual([
    '2 createdAt: `createdAt` must be a time in the past; got `2026-11-22T07:00:01Z`.',
  ]);
});

it('refuses a code that is already on a line, also in other capitals where the stack ignores them', async () => {
  const rows = [
    { code: 'Sale', url },
    { code: 'sale', url: `${url}2` },
    { code: 'x', url, aliases: ['SALE'] },
    { code: 'sale', url },
  ];
  expect((await plan(rows)).accepted).toHaveLength(3);
  const found = await plan(rows, { ignoreCase: true });
  expect(found.accepted.map(({ link }) => link.code)).toEqual(['sale']);
  expect(found.repeated).toEqual([5]);
  expect(found.refused.map(({ line }) => line)).toEqual([3, 4]);
});

it('refuses rows that lead back to themselves, through other rows, aliases and existing links', async () => {
  const stored = [{ ...plainLink, code: 'old', url: 'https://go.example/c' }];
  function to(code: string, target: string, aliases: string[] = []) {
    return { code, url: `https://go.example/${target}`, aliases };
  }
  const found = await plan([to('a', 'b2'), to('b', 'a', ['b2']), to('c', 'old'), to('d', 'a'), { code: 'last', url }], {
    stored,
  });
  expect(found.accepted.map(({ link }) => link.code)).toEqual(['d', 'last']);
  expect(found.refused.map(({ line, field }) => [line, field])).toEqual([
    [2, 'url'],
    [3, 'url'],
    [4, 'url'],
  ]);
});

it('counts a row whose link exists just so as repeated, and refuses another link with its code', async () => {
  const stored: Link = {
    ...plainLink,
    code: 'a',
    page: '/ada',
    url,
    title: null,
    campaign: null,
    aliases: ['b'],
    passwordHash: 'scrypt$…',
  };
  expect((await plan([{ code: 'a', url }], { stored: [stored] })).repeated).toEqual([2]);
  expect(problems(await plan([{ code: 'a', url: `${url}2` }], { stored: [stored] }))).toEqual(['2 code: a is a link']);
  expect(
    problems(await plan([{ code: 'a', url, createdAt: '2020-01-01T00:00:00Z' }], { stored: [stored] })),
  ).toHaveLength(1);
  expect(problems(await plan([{ code: 'b', url }], { stored: [stored] }))).toEqual(['2 code: b is a alias']);
  expect(problems(await plan([{ code: 'c', url, aliases: ['a'] }], { stored: [stored], replace: true }))).toEqual([
    '2 aliases: a is a link',
  ]);
});

it('refuses aliases that are too many with those that the link has', async () => {
  const stored: Link = {
    ...plainLink,
    code: 'a',
    aliases: Array.from({ length: linkLimits.aliases - 1 }, (_, at) => `b${at}`),
  };
  const [one, two] = [['c'], ['c', 'd']].map((aliases) => [{ code: 'a', url, aliases }]);
  expect((await plan(one ?? [], { stored: [stored], replace: true })).accepted).toHaveLength(1);
  expect(problems(await plan(two ?? [], { stored: [stored], replace: true }))).toEqual([
    '2 aliases: With those that it has, the link would have 21 aliases; at most 20 are allowed.',
  ]);
});

it('overwrites a link, but keeps its aliases and its age', async () => {
  const stored: Link = { ...plainLink, code: 'a', aliases: ['b'] };
  const found = await plan([{ code: 'a', url, aliases: ['c'] }], { stored: [stored], replace: true });
  expect(found.accepted[0]?.link).toMatchObject({ url, aliases: ['b', 'c'], createdAt: stored.createdAt });
});

it('takes the code of a deleted link of the same page only', async () => {
  expect((await plan([{ code: 'gone', url }], { deleted: '/ada' })).accepted).toHaveLength(1);
  expect(problems(await plan([{ code: 'gone', url }], { deleted: '/bob' }))).toEqual(['2 code: gone is a reserved']);
});
