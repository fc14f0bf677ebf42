import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MissingTool } from '../missing-tool.ts';

export const clientVersion = 'aws-lambda-ric@4.0.2';

const cache = path.join(import.meta.dirname, '../../node_modules/.cache/hopcount-conformance');

/** Programs that build curl and the client's native part. */
const builders = ['npm', 'autoreconf', 'libtoolize', 'cmake', 'make', 'g++', 'python3', 'xz'];

/**
 * Builds AWS's runtime client for Node.js under node_modules/.cache, once, and returns the path of its program.
 * @throws {MissingTool}
 */
export function installRuntimeClient(): string {
  const home = path.join(cache, clientVersion);
  const program = path.join(home, 'node_modules/aws-lambda-ric/index.mjs');
  if (existsSync(path.join(home, 'complete'))) return program;
  if (process.platform !== 'linux') throw new MissingTool(`${clientVersion} runs on Linux only.`);
  const missing = builders.filter((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error);
  if (missing.length > 0) throw new MissingTool(`${clientVersion} needs ${missing.join(', ')} to be built.`);
  console.log(`Building ${clientVersion}, which takes some minutes …`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(
    path.join(home, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { 'aws-lambda-ric': true } }),
  );
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', clientVersion], {
    cwd: home,
    encoding: 'utf8',
    env: { ...environmentOfMachine() },
  });
  if (status !== 0) throw new MissingTool(`npm could not build ${clientVersion}.\n${stderr}`);
  writeFileSync(path.join(home, 'complete'), '');
  return program;
}

/** The environment without what `npm run` adds: this machine's own Node may have its headers, the npm package has not. */
function environmentOfMachine(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_local_prefix|package_|lifecycle_)/.test(name),
  );
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return {
    ...Object.fromEntries(own),
    PATH: folders.filter((folder) => !folder.includes('node_modules')).join(path.delimiter),
  };
}
