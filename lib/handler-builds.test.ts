import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { builtHandler } from './handler-builds.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hopcount-builds-'));
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json']) write(file, '{}');
  write('core/shared.ts', 'export const shared = "shared-1";');
  write('core/unused.ts', 'export const unused = "unused-1";');
  for (const name of ['settle', 'rollup'])
    write(
      `functions/${name}/handler.ts`,
      `import { shared } from '../../core/shared.ts'; import { unused } from '../../core/unused.ts';
       export const handler = () => [shared, "${name}-1", STACK_NAME]; type Unused = typeof unused;`,
    );
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

/** Changes a source, and returns the text that it had. */
function replace(file: string, from: string, to: string): void {
  write(file, readFileSync(path.join(root, file), 'utf8').replace(from, to));
}

function build(name: string, stackName = 'Hopcount'): { folder: string; code: string } {
  const folder = builtHandler({ name, stackName, root });
  return { folder, code: readFileSync(path.join(folder, 'index.mjs'), 'utf8') };
}

function builds(): string[] {
  return readdirSync(path.join(root, 'node_modules/.cache/hopcount-functions')).filter(
    (name) => !name.endsWith('.txt'),
  );
}

it('builds every function that is out of date at once, and each as itself', () => {
  const settle = build('settle');
  expect(builds()).toHaveLength(2);
  expect(readdirSync(settle.folder).sort()).toEqual(['index.mjs', 'index.mjs.map']);
  const rollup = build('rollup');
  expect(builds()).toHaveLength(2);
  expect(settle.code).toContain('settle-1');
  expect(settle.code).not.toContain('rollup-1');
  expect(rollup.code).toContain('rollup-1');
});

it('builds again what changed, and nothing else', () => {
  const [settle, rollup] = [build('settle'), build('rollup')];
  replace('functions/rollup/handler.ts', 'rollup-1', 'rollup-2');
  expect(build('settle')).toEqual(settle);
  expect(build('rollup').code).toContain('rollup-2');
  replace('functions/rollup/handler.ts', 'rollup-2', 'rollup-1');
  expect(build('rollup')).toEqual(rollup);
});

it('builds again after a change of a file that it imports, also one without code in the bundle', () => {
  const before = build('settle');
  replace('core/shared.ts', 'shared-1', 'shared-2');
  const second = build('settle');
  expect(second.code).toContain('shared-2');
  replace('core/unused.ts', 'export', 'console.log("with an effect"); export');
  replace('functions/settle/handler.ts', 'import { unused }', 'import "../../core/unused.ts"; import { unused }');
  const third = build('settle');
  expect(third.code).toContain('with an effect');
  replace('core/unused.ts', 'with an effect', 'with another effect');
  const fourth = build('settle');
  expect(fourth.code).toContain('with another effect');
  expect(new Set([before, second, third, fourth].map(({ folder }) => folder)).size).toBe(4);
});

it('builds again after a source was removed, and after a change of the packages', () => {
  const before = build('settle');
  replace('functions/settle/handler.ts', "import { unused } from '../../core/unused.ts';", 'declare const unused: 1;');
  rmSync(path.join(root, 'core/unused.ts'));
  const after = build('settle');
  expect(after.code).toContain('settle-1');
  write('package-lock.json', '{"changed":true}');
  expect(new Set([before.folder, after.folder, build('settle').folder]).size).toBe(3);
});

it('has a build for each stack name', () => {
  expect(build('settle', 'Hopcount').code).toContain('"Hopcount"');
  expect(build('settle', 'Second').code).not.toContain('"Hopcount"');
  expect(build('settle', 'Hopcount').code).toContain('"Hopcount"');
});

it('keeps the last builds only, and fails with what esbuild says', () => {
  for (let version = 1; version < 6; version++) {
    replace('functions/settle/handler.ts', `settle-${version}`, `settle-${version + 1}`);
    expect(build('settle').code).toContain(`settle-${version + 1}`);
  }
  expect(builds().filter((name) => name.startsWith('settle-'))).toHaveLength(3);
  replace('functions/settle/handler.ts', 'export', 'export from nowhere');
  expect(() => build('settle')).toThrow(/functions\/settle\/handler\.ts:\d+:\d+: ERROR/);
  expect(builds().filter((name) => name.startsWith('building-'))).toEqual([]);
});
