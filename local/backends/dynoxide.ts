import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export class BackendUnavailable extends Error {
  override readonly name = 'BackendUnavailable';
}

export interface Dynoxide {
  url: string;
  stop: () => void;
  /** Resolves with the exit code when it ends, asked to or not. */
  ended: Promise<number | null>;
}

/** @throws {BackendUnavailable} saying what to install */
export function findDynoxide(): string {
  const binary = fromPackage() ?? onPath('dynoxide');
  if (binary) return binary;
  throw new BackendUnavailable(
    `DynamoDB needs dynoxide. npm installs it on Linux x64 only, this is ${process.platform} ${process.arch}: ` +
      'install it (cargo install dynoxide-rs) so that `dynoxide` is on the PATH, then start again.',
  );
}

function fromPackage(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json');
    return path.join(path.dirname(manifest), 'dynoxide');
  } catch {
    // The package is optional: npm leaves it out on other platforms.
    return undefined;
  }
}

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

/** Serves DynamoDB from one SQLite file. */
export async function startDynoxide(binary: string, database: string): Promise<Dynoxide> {
  const pidFile = `${database}.pid`;
  endOrphan(pidFile, database);
  const port = await freePort();
  const child = spawn(binary, ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', database], {
    stdio: 'ignore',
    // In a group of its own: Ctrl-C must not end it while the functions drain.
    detached: true,
  });
  if (child.pid !== undefined) writeFileSync(pidFile, String(child.pid));
  const ended = once(child, 'exit').then(() => child.exitCode);
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(url, child);
  return { url, stop: () => void child.kill('SIGTERM'), ended };
}

/** Ends the dynoxide of a run whose processes were all killed: it would hold the file and serve nobody. */
function endOrphan(pidFile: string, database: string): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  // The number may be another process's by now: only one that serves this very file is ours.
  if (Number.isInteger(pid) && pid > 0 && commandOf(pid).includes(database)) process.kill(pid, 'SIGKILL');
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  } catch {
    // ps fails when there is no such process.
    return '';
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const startDeadlineMs = 15_000;

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new BackendUnavailable(`dynoxide ended with exit code ${child.exitCode}`);
    if (await answers(url)) return;
    await delay(25);
  }
  throw new BackendUnavailable(`dynoxide did not answer on ${url} within ${startDeadlineMs} ms`);
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  }
}
