import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';

export class BackendUnavailable extends Error {
  override readonly name = 'BackendUnavailable';
}

export interface DynoxideOptions {
  /** Path of the executable; see {@link findDynoxide}. */
  binary: string;
  /** The SQLite file. @default - tables in memory */
  database?: string | undefined;
}

export interface Dynoxide {
  url: string;
  stop: () => void;
  /** Resolves with the exit code when the process ends. */
  ended: Promise<number | null>;
}

/** Returns the path of dynoxide. @throws {BackendUnavailable} with installation instructions */
export function findDynoxide(): string {
  const binary = fromPackage() ?? onPath('dynoxide');
  if (binary) return binary;
  throw new BackendUnavailable(
    `dynoxide, which serves DynamoDB, is not installed. npm installs it only on Linux x64; this is ${process.platform} ${process.arch}. ` +
      'Run `cargo install dynoxide-rs`, make sure that `dynoxide` is on your PATH, and start again.',
  );
}

function fromPackage(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json');
    return path.join(path.dirname(manifest), 'dynoxide');
  } catch {
    // Optional dependency: npm skips it on other platforms.
    return undefined;
  }
}

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

/**
 * Serves DynamoDB on a free loopback port, from one SQLite file or from memory.
 *
 * @throws {BackendUnavailable} with the output of dynoxide
 */
export async function startDynoxide({ binary, database }: DynoxideOptions): Promise<Dynoxide> {
  if (database !== undefined) endOrphan(database);
  for (let attempt = 1; ; attempt += 1)
    try {
      return await startOn(await freePort(), { binary, database });
    } catch (cause) {
      // Another process may have taken the port in the meantime.
      const taken = cause instanceof BackendUnavailable && cause.message.includes('already in use');
      if (!taken || attempt === portAttempts) throw cause;
    }
}

const portAttempts = 5;

/** Kills a dynoxide that an earlier, killed run left behind: it still locks the file. */
function endOrphan(database: string): void {
  const file = pidFile(database);
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  // The process id may be reused: kill only a process that serves this file.
  if (Number.isInteger(pid) && pid > 0 && readCommand(pid).includes(database)) process.kill(pid, 'SIGKILL');
}

function pidFile(database: string): string {
  return `${database}.pid`;
}

function readCommand(pid: number): string {
  try {
    // Minimal Linux images have no ps; macOS has no /proc.
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  } catch {
    // The process doesn't exist.
    return '';
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function startOn(port: number, { binary, database }: DynoxideOptions): Promise<Dynoxide> {
  const file = database === undefined ? [] : ['--db-path', database];
  const child = spawn(binary, ['serve', '--host', '127.0.0.1', '--port', String(port), ...file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Detached, so that Ctrl-C doesn't stop it while functions drain.
    detached: database !== undefined,
  });
  if (database !== undefined && child.pid !== undefined) writeFileSync(pidFile(database), String(child.pid));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  try {
    await untilListening(child);
  } catch (cause) {
    child.kill('SIGKILL');
    throw cause;
  }
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill('SIGTERM'), ended };
}

const startDeadlineMs = 60_000;

/** Waits until dynoxide logs that it listens. A test request could reach another process on the port. */
async function untilListening(child: ChildProcessByStdio<null, null, Readable>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  function fail(problem: string): void {
    reject(new BackendUnavailable(`dynoxide ${problem}`));
  }
  const timer = setTimeout(() => fail(`did not listen within ${startDeadlineMs} ms`), startDeadlineMs);
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.includes('listening on')) resolve();
  });
  child.once('error', (cause) => fail(`did not start: ${cause.message}`));
  child.once('close', (code) => fail(`ended with exit code ${code}: ${output.trim()}`));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    child.stderr.removeAllListeners('data').resume();
  }
}
