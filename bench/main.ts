import { spawn } from 'node:child_process';
import path from 'node:path';

/**
 * Runs the benches of the hot path one after the other, each in a process of its own, and passes their tables through.
 * Names on the command line choose some: `npm run bench -- redirect rollup`.
 */
const benches: Readonly<Record<string, readonly string[]>> = {
  redirect: ['redirect.ts'],
  enrich: ['--expose-gc', 'enrich.ts'],
  rollup: ['rollup.ts'],
  pipeline: ['pipeline.ts'],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(`${unknown.join(', ')}: not a bench; there are ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}

const failed: string[] = [];
for (const [name, words] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stdout.write(`\n## ${name}\n\n`);
  if ((await run(words)) !== 0) failed.push(name);
}
if (failed.length > 0) process.stderr.write(`\nfailed: ${failed.join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Gives the exit code; the bench writes to our own output. */
function run(words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const flags = words.slice(0, -1);
    const file = path.join(import.meta.dirname, words.at(-1) ?? '');
    const child = spawn(process.execPath, [...flags, file], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
