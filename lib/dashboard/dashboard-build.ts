import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { projectRoot } from '../bundle.ts';

/** Copies the files that are named by their content, which browsers may cache forever. */
export function stageDashboardAssets(directory: string): void {
  cpSync(join(builtDashboard(), 'assets'), directory, { recursive: true });
}

/** In node_modules, so that a fresh `npm ci` also removes the builds. */
const buildsDirectory = join(projectRoot, 'node_modules/.cache/hopcount-dashboard');

/** Returns the folder of the built dashboard. Builds only if the sources changed, because a build takes seconds. */
function builtDashboard(): string {
  const target = join(buildsDirectory, fingerprint());
  if (existsSync(target)) return target;
  mkdirSync(buildsDirectory, { recursive: true });
  // Built under another name and moved, so that two concurrent synths never see half a build.
  const building = `${target}-${process.pid}`;
  build(building);
  if (existsSync(target)) rmSync(building, { recursive: true });
  else renameSync(building, target);
  return target;
}

const sources = ['dashboard/**/*.{html,css,svg,png,ts,tsx,json}', 'schemas/**/*.ts', 'package-lock.json'];

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const pattern of sources)
    for (const file of globSync(pattern, { cwd: projectRoot }).sort())
      if (!/\.test\.tsx?$/.test(file))
        hash
          .update(file)
          .update('\0')
          .update(readFileSync(join(projectRoot, file)));
  return hash.digest('hex').slice(0, 16);
}

function build(directory: string): void {
  const options = ['--outDir', directory, '--logLevel', 'error'];
  execFileSync(process.execPath, [vite(), 'build', join(projectRoot, 'dashboard'), ...options], {
    cwd: projectRoot,
    // A test runner's NODE_ENV would select React's development build.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

function vite(): string {
  return join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
}

const icons = ['icon.svg', 'icon-192.png', 'icon-512.png', 'icon-maskable-512.png'];
const entryFiles = ['index.html', 'manifest.json', ...icons];

/** Copies the files with fixed names, which browsers must revalidate. */
export function stageDashboardEntry(directory: string): void {
  for (const file of entryFiles) cpSync(join(builtDashboard(), file), join(directory, file));
}
