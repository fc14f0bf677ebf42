import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MissingTool } from './missing-tool.ts';

const cache = path.join(import.meta.dirname, '../node_modules/.cache/hopcount-conformance');

/**
 * Installs a package of PyPI into a virtual environment under node_modules/.cache, once.
 *
 * @param requirement name and version, such as `cfn-lint==1.58.0`
 * @returns the folder of its commands
 * @throws {MissingTool} if Python is missing or too old, or the package cannot be downloaded
 */
export function installPython(requirement: string): string {
  const home = path.join(cache, requirement.replaceAll(/[^\w.-]+/g, '-'));
  const commands = path.join(home, 'bin');
  if (existsSync(path.join(home, 'complete'))) return commands;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  if (spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status !== 0)
    throw new MissingTool(`${requirement} needs Python 3.10 or later. Install \`python3\`.`);
  if (spawnSync('python3', ['-m', 'venv', home]).status !== 0)
    throw new MissingTool('Python could not create a virtual environment. On Debian, install `python3-venv`.');
  console.log(`Installing ${requirement} …`);
  // The resolver of older releases takes gigabytes and does not end for packages with many versions.
  spawnSync(path.join(commands, 'pip'), ['install', '--quiet', '--upgrade', 'pip']);
  const installed = spawnSync(path.join(commands, 'pip'), ['install', '--quiet', requirement], { encoding: 'utf8' });
  if (installed.status !== 0)
    throw new MissingTool(`pip could not install ${requirement}. Check the network.\n${installed.stderr}`);
  writeFileSync(path.join(home, 'complete'), '');
  return commands;
}
