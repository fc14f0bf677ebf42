import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Checks how the sources are laid out: newspaper order, files per folder (tests not counted), key attributes of DynamoDB
 * outside stores/, and scripts of the root. Prints the lines of product code. Exits with 1 if a limit is exceeded.
 */
const limits = { position: 0.3, filesOfFolder: 20, scripts: 12 } as const;
/** A folder whose files are a list: each is a command of its name. */
const listings = new Set(['cli/commands']);

process.chdir(path.join(import.meta.dirname, '..'));
const folders = 'bin,cli,core,dashboard,functions,jobs,lib,local,mails,queries,schemas,stores,tracker';
const product = globSync(`{${folders}}/**/*.{ts,tsx,js,mjs,sql}`, { exclude: ['**/node_modules', '**/dist'] }).filter(
  (file) => !/\.test\.|\.d\.ts$/.test(file),
);
const sources = new Map(product.map((file) => [file, readFileSync(file, 'utf8')]));

const problems = [checkOrder(), ...checkFolders(), ...checkKeys(), checkScripts()].flatMap((problem) => problem ?? []);
for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length > 0) process.exitCode = 1;
const lines = [...sources.values()].reduce((sum, text) => sum + lineBreaksIn(text), 0);
console.log(`${lines.toLocaleString('en')} lines of product code in ${sources.size} files`);

/** The exported function comes first, its helpers follow. Biome puts every top-level declaration at the start of a line. */
function checkOrder(): string | undefined {
  const positions = [...sources.values()].flatMap((text) => {
    const at = text.search(/^export (?:default )?(?:async )?function/m);
    return at < 0 ? [] : [lineBreaksIn(text.slice(0, at)) / lineBreaksIn(text)];
  });
  const median = positions.sort((a, b) => a - b)[positions.length >> 1] ?? 0;
  const found = `the first exported function starts at ${(median * 100).toFixed(0)}% of its file (median)`;
  if (median <= limits.position) return undefined;
  return `${found}; at most ${limits.position * 100}% is allowed`;
}

function lineBreaksIn(text: string): number {
  return text.split('\n').length - 1;
}

function checkFolders(): string[] {
  const counts = new Map<string, number>();
  for (const file of product) counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1);
  return [...counts]
    .filter(([folder, count]) => count > limits.filesOfFolder && !listings.has(folder))
    .map(([folder, count]) => `${folder} has ${count} files; at most ${limits.filesOfFolder} are allowed`);
}

/** Only stores/ knows how items are keyed; schemas/tables.ts tells lib/ the names of the attributes. */
function checkKeys(): string[] {
  return [...sources]
    .filter(([file, text]) => !/^stores\/|^schemas\/tables\.ts$/.test(file) && /\bg?[ps]k\b/.test(text))
    .map(([file]) => `${file} names pk, sk, gpk or gsk; only stores/ may`);
}

function checkScripts(): string | undefined {
  const { scripts }: { scripts: object } = JSON.parse(readFileSync('package.json', 'utf8'));
  const count = Object.keys(scripts).length;
  return count <= limits.scripts
    ? undefined
    : `package.json has ${count} scripts; at most ${limits.scripts} are allowed`;
}
