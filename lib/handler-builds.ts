import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, buildSync, type Metafile, version } from 'esbuild';
import { bundling, edgeAliases } from '#schemas/bundling.ts';

/** A function of the project in the folder `root`. */
export interface Handler {
  name: string;
  stackName: string;
  root: string;
}

/**
 * Returns the folder of a function's built bundle. Builds it if its sources changed, together with every other function
 * that is out of date: esbuild then reads the files that they share once, which takes half the time.
 */
export function builtHandler(handler: Handler): string {
  const known = findBuild(handler);
  if (known !== undefined) return known;
  const names = globSync('functions/*/handler.ts', { cwd: handler.root }).map((file) => basename(dirname(file)));
  const alike = names.filter((name) => isEdgeFunction(name) === isEdgeFunction(handler.name));
  build(alike.map((name) => ({ ...handler, name })).filter((other) => findBuild(other) === undefined));
  const built = findBuild(handler);
  if (built === undefined) throw new Error(`the sources of ${handler.name} changed while it was built`);
  return built;
}

/** The functions that visitors wait for, and the canary, which acts as a visitor. */
function isEdgeFunction(name: string): boolean {
  return ['redirect', 'collect', 'canary'].includes(name);
}

/** Finds the build of exactly these sources, which the last build listed. A file that is new has an importer that changed. */
function findBuild(handler: Handler): string | undefined {
  const list = listOf(handler);
  if (!existsSync(list)) return undefined;
  const folder = folderOf(handler, readFileSync(list, 'utf8').split('\n'));
  return folder !== undefined && existsSync(folder) ? folder : undefined;
}

function listOf({ name, stackName, root }: Handler): string {
  return join(buildsIn(root), `${name}-${stackName}.txt`);
}

/** In node_modules, so that a fresh `npm ci` also removes the builds. */
function buildsIn(root: string): string {
  return join(root, 'node_modules/.cache/hopcount-functions');
}

/** Names a build by the content of its sources and its options, or returns undefined if a source is gone. */
function folderOf(handler: Handler, sources: readonly string[]): string | undefined {
  const { name, root } = handler;
  const hash = createHash('sha256').update(JSON.stringify([version, optionsFor(handler)]));
  for (const source of [...sources, ...resolution]) {
    const file = join(root, source);
    if (!existsSync(file)) return undefined;
    hash.update(`\0${source}\0`).update(readFileSync(file));
  }
  return join(buildsIn(root), `${name}-${hash.digest('hex').slice(0, 16)}`);
}

/** Files that decide what an import means. The lock file stands for the content of every package. */
const resolution = ['package.json', 'package-lock.json', 'tsconfig.json'];

/** One ES module with the AWS SDK included: it runs the tested version, and starts faster than with Lambda's copy. */
function optionsFor({ name, stackName, root }: Handler) {
  return {
    ...bundling,
    mainFields: [...bundling.mainFields],
    // Namespace of the function's metrics: core/edge/metric-line.ts.
    define: { ...bundling.define, STACK_NAME: JSON.stringify(stackName) },
    alias: isEdgeFunction(name) ? edgeAliases : {},
    sourcemap: 'external',
    absWorkingDir: root,
    logLevel: 'error',
  } as const satisfies BuildOptions;
}

/** Builds functions that have the same options. */
function build(handlers: readonly Handler[]): void {
  const [first] = handlers;
  if (first === undefined) return;
  mkdirSync(buildsIn(first.root), { recursive: true });
  // Built under another name and moved, so that two concurrent synths never see half a build.
  const building = mkdtempSync(join(buildsIn(first.root), 'building-'));
  try {
    const { metafile } = buildSync({
      ...optionsFor(first),
      entryPoints: handlers.map(({ name }) => ({ in: entryOf(name), out: `${name}/index` })),
      outdir: building,
      outExtension: { '.js': '.mjs' },
      metafile: true,
    });
    for (const handler of handlers) keep(handler, join(building, handler.name), sourcesOf(handler, metafile));
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

function entryOf(name: string): string {
  return `functions/${name}/handler.ts`;
}

/** Returns every file of ours that an entry imports, also files whose code the bundle left out. */
function sourcesOf({ name }: Handler, { inputs }: Metafile): string[] {
  const found = new Set([entryOf(name)]);
  for (const file of found)
    for (const { path } of inputs[file]?.imports ?? []) if (inputs[path] !== undefined) found.add(path);
  return [...found].filter((file) => !file.includes('node_modules/')).sort();
}

function keep(handler: Handler, built: string, sources: readonly string[]): void {
  const folder = folderOf(handler, sources);
  if (folder === undefined) return;
  if (!existsSync(folder)) renameSync(built, folder);
  const list = `${built}.txt`;
  writeFileSync(list, sources.join('\n'));
  renameSync(list, listOf(handler));
  removeOld(handler);
}

const keptBuilds = 3;

function removeOld({ name, root }: Handler): void {
  const pattern = new RegExp(`^${name}-[0-9a-f]{16}$`);
  const byAge = readdirSync(buildsIn(root))
    .filter((entry) => pattern.test(entry))
    .map((entry) => join(buildsIn(root), entry))
    .sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs);
  for (const old of byAge.slice(keptBuilds)) rmSync(old, { recursive: true, force: true });
}
