import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export class BackendUnavailable extends Error {
  override readonly name = 'BackendUnavailable';
}

const onPath = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));

const fromPackage = (): string | undefined => {
  try {
    const manifest = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json');
    return path.join(path.dirname(manifest), 'dynoxide');
  } catch {
    // The package is optional: npm leaves it out on other platforms.
    return undefined;
  }
};

/** @throws {BackendUnavailable} saying what to install */
export const findDynoxide = (): string => {
  const binary = fromPackage() ?? onPath('dynoxide');
  if (binary) return binary;
  throw new BackendUnavailable(
    `DynamoDB needs dynoxide. npm installs it on Linux x64 only, this is ${process.platform} ${process.arch}: ` +
      'install it (cargo install dynoxide-rs) so that `dynoxide` is on the PATH, then start again.',
  );
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const startDeadlineMs = 15_000;

const answers = async (url: string): Promise<boolean> => {
  try {
    await fetch(url, { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  }
};

const untilItAnswers = async (url: string, child: ChildProcess): Promise<void> => {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new BackendUnavailable(`dynoxide ended with exit code ${child.exitCode}`);
    if (await answers(url)) return;
    await delay(25);
  }
  throw new BackendUnavailable(`dynoxide did not answer on ${url} within ${startDeadlineMs} ms`);
};

export interface Dynoxide {
  url: string;
  stop: () => void;
}

/** Serves DynamoDB from one SQLite file. */
export const startDynoxide = async (binary: string, file: string): Promise<Dynoxide> => {
  const port = await freePort();
  const child = spawn(binary, ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', file], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(url, child);
  return { url, stop: () => void child.kill('SIGTERM') };
};
