import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const root = path.join(import.meta.dirname, '../..');

it('the newest released version of the changelog is the version of the package', () => {
  const changelog = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
  const versions = [...changelog.matchAll(/^## \[(.+?)\]/gm)].map(([, version]) => version);
  expect(versions[0]).toBe('Unreleased');
  expect(versions[1]).toBe(manifest.version);
});
