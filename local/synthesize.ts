import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AlreadyRunning, isAlive, lockDirectory } from './lock.ts';

export const projectRoot = path.join(import.meta.dirname, '..');

export class SynthesisFailed extends Error {
  override readonly name = 'SynthesisFailed';
}

/**
 * Synthesizes the app for the local stack, or reuses the synthesis of the same sources.
 *
 * @param building is called before it builds
 * @returns the folder of the cloud assembly
 * @throws {SynthesisFailed} with the output of the app
 */
export async function synthesize(
  directory: string,
  context: { allowReplay: boolean; linkDomains: readonly object[] },
  building: () => void = () => undefined,
): Promise<string> {
  const settings = JSON.stringify({ local: true, ...context });
  const target = path.join(directory, fingerprint(settings));
  if (!isWhole(target)) building();
  while (!isWhole(target)) await buildAlone(directory, target, settings);
  markUsed(target);
  return target;
}

/** Folders that affect the template or a bundle. */
const sources = [
  'bin',
  'lib',
  'functions',
  'jobs',
  'core',
  'stores',
  'schemas',
  'queries',
  'mails',
  'tracker',
  'dashboard',
];

const sourceFiles = ['cdk.json', 'package-lock.json'];

/** Hashes the sources and the context, which determine the template and the bundles. */
function fingerprint(context: string): string {
  const hash = createHash('sha256').update(context);
  const files = [
    ...sources.flatMap((folder) => filesBelow(path.join(projectRoot, folder))),
    ...sourceFiles.map((file) => path.join(projectRoot, file)).filter((file) => existsSync(file)),
  ];
  for (const file of files) hash.update(path.relative(projectRoot, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(
          (entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
        )
        .map((entry) => path.join(entry.parentPath, entry.name))
        .sort()
    : [];
}

function isWhole(synthesis: string): boolean {
  return existsSync(path.join(synthesis, 'manifest.json'));
}

/** Builds, or waits while another process does: test files that start together need the same synthesis. */
async function buildAlone(directory: string, target: string, settings: string): Promise<void> {
  const unlock = tryLockDirectory(directory);
  if (!unlock) return delay(100);
  try {
    if (isWhole(target)) return;
    await build(directory, target, settings);
    removeOld(directory);
  } finally {
    unlock();
  }
}

function tryLockDirectory(directory: string): (() => void) | undefined {
  try {
    return lockDirectory(directory);
  } catch (cause) {
    if (cause instanceof AlreadyRunning) return undefined;
    throw cause;
  }
}

const run = promisify(execFile);

/** Builds in a folder of its own and moves it, so that a synthesis is whole as soon as it is there. */
async function build(directory: string, target: string, settings: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const building = path.join(directory, `building-${process.pid}-${Date.now()}`);
  try {
    await run(process.execPath, [path.join(projectRoot, 'bin/app.ts')], {
      cwd: projectRoot,
      // CDK's own rules over the template take two thirds of a synth, and are for what is deployed.
      env: { ...process.env, CDK_OUTDIR: building, CDK_CONTEXT_JSON: settings, CDK_VALIDATION: 'false' },
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (cause) {
    rmSync(building, { recursive: true, force: true });
    const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new SynthesisFailed(`Synthesizing bin/app.ts failed:\n${output}`, { cause });
  }
  try {
    renameSync(building, target);
  } catch (cause) {
    // A second stack of this process was first.
    if (!isWhole(target)) throw cause;
    rmSync(building, { recursive: true, force: true });
  }
}

/** Marks a synthesis as in use by this process, because new workers load bundles from it at any time. */
function markUsed(synthesis: string): void {
  return writeFileSync(path.join(synthesis, `used-by-${process.pid}`), '');
}

const keptSyntheses = 4;

function removeOld(directory: string): void {
  const byAge = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('building-'))
    .map(({ name }) => path.join(directory, name))
    .sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs);
  for (const old of byAge.slice(keptSyntheses)) if (!isUsed(old)) rmSync(old, { recursive: true, force: true });
}

function isUsed(synthesis: string): boolean {
  return readdirSync(synthesis).some((name) => {
    const pid = /^used-by-(\d+)$/.exec(name)?.[1];
    return pid !== undefined && isAlive(Number(pid));
  });
}
