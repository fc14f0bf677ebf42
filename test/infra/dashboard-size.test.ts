import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stageDashboardAssets, stageDashboardEntry } from '#lib/dashboard/dashboard-build.ts';

/** How much script the built dashboard loads, compressed: docs/dashboard.md. */

const kilobyte = 1_000;
const limits = { firstLoad: 250 * kilobyte, laterView: 100 * kilobyte } as const;

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-size-'));
const assets = path.join(directory, 'assets');
const sizes = new Map<string, number>();
/** What a file imports before it runs. */
const imports = new Map<string, string[]>();
let first: Set<string>;

beforeAll(() => {
  stageDashboardAssets(assets);
  stageDashboardEntry(directory);
  for (const file of readdirSync(assets).filter((name) => name.endsWith('.js'))) {
    const source = readFileSync(path.join(assets, file), 'utf8');
    sizes.set(file, gzipSync(source).length);
    imports.set(
      file,
      [...source.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)].flatMap(([, name]) => name ?? []),
    );
  }
  const html = readFileSync(path.join(directory, 'index.html'), 'utf8');
  first = withImports([...html.matchAll(/\/app\/assets\/([^"']+\.js)/g)].flatMap(([, name]) => name ?? []));
});
afterAll(() => rmSync(directory, { recursive: true }));

function withImports(files: readonly string[]): Set<string> {
  const all = new Set(files);
  // A set visits what is added meanwhile.
  for (const file of all) for (const name of imports.get(file) ?? []) all.add(name);
  return all;
}

function sum(files: Iterable<string>): number {
  return [...files].reduce((total, file) => total + (sizes.get(file) ?? Number.NaN), 0);
}

it('the first load, with the overview of a page, is at most 250 KB', () => {
  expect(first.size).toBeGreaterThan(0);
  expect(sum(first)).toBeLessThanOrEqual(limits.firstLoad);
});

it('each later view and dialog is at most 100 KB', () => {
  const later = [...sizes.keys()].filter((file) => !first.has(file));
  expect(later.length).toBeGreaterThan(10);
  const loads = later.map((file) => [file, sum([...withImports([file])].filter((name) => !first.has(name)))] as const);
  expect(loads.filter(([, size]) => !(size <= limits.laterView))).toEqual([]);
});
