import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

/**
 * Checks the direction of imports (.dependency-cruiser.mjs). Exits with 1 if an import violates it, or if
 * dependency-cruiser read fewer files than there are: with TypeScript 7 and without `@swc/core` it reads none and
 * reports success.
 */
const root = path.join(import.meta.dirname, '..');
process.chdir(root);

const folders = [
  'schemas',
  'core',
  'queries',
  'stores',
  'jobs',
  'functions',
  'lib',
  'bin',
  'dashboard',
  'tracker',
  'local',
  'cli',
  'bench',
  'conformance',
  'test',
].filter((folder) => existsSync(folder));
const sources = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,js,mjs}`));

const options = await extractDepcruiseOptions('./.dependency-cruiser.mjs');
const { output } = await cruise(folders, options);
if (typeof output === 'string') throw new TypeError('dependency-cruiser returned text instead of its result');

const { modules, summary } = output;
const own = modules.filter(({ source }) => folders.some((folder) => source.startsWith(`${folder}/`)));
const imports = own.reduce((sum, { dependencies }) => sum + dependencies.length, 0);

for (const { rule, from, to } of summary.violations) console.error(`✗ ${from} → ${to}  ${rule.name}`);
// A file imports about three others; far fewer means that a parser gave up on most of them.
const seen = own.length >= sources.length && imports >= own.length;
if (!seen)
  console.error(`✗ saw ${own.length} of ${sources.length} files and ${imports} imports: is @swc/core installed?`);

if (summary.violations.length > 0 || !seen) process.exitCode = 1;
else console.log(`✓ ${imports} imports of ${own.length} files run one way`);
