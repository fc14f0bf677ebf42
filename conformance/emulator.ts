import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../local/backends/dynoxide.ts';
import { installPython } from './python.ts';

interface Emulator {
  requirement: string;
  /** Name and arguments of the command that listens on the port. */
  command: (port: number) => readonly [string, ...string[]];
  /** Variables of its environment. */
  variables: (port: number) => Readonly<Record<string, string>>;
}

/** Independent implementations of AWS, each with all services on one port. */
export const emulators = {
  moto: {
    requirement: 'moto[server]==5.2.5',
    // moto parses an update expression recursively, and Python's limit is reached by 100 terms.
    command: (port) => [
      'python3',
      '-c',
      'import sys; sys.setrecursionlimit(100_000); from moto.server import main; main()',
      '-H',
      '127.0.0.1',
      '-p',
      String(port),
    ],
    variables: () => ({}),
  },
  ministack: {
    requirement: 'ministack==1.5.33',
    command: () => ['ministack'],
    variables: (port) => ({ GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1' }),
  },
} as const satisfies Record<string, Emulator>;

export type EmulatorName = keyof typeof emulators;

/** Client settings for an emulator. */
export function clientOf(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    forcePathStyle: true,
  };
}

const startsWithin = 60_000;

/**
 * Starts an emulator without any resources.
 * @throws {MissingTool} if Python is missing, or the emulator cannot be downloaded
 */
export async function startEmulator(name: EmulatorName): Promise<{ endpoint: string; stop: () => void }> {
  const { requirement, command, variables }: Emulator = emulators[name];
  const commands = installPython(requirement);
  const port = await freePort();
  const [file, ...parameters] = command(port);
  const server = spawn(path.join(commands, file), parameters, {
    stdio: 'ignore',
    env: { ...process.env, ...variables(port) },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + startsWithin;
  while (!(await listens(endpoint))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill('SIGKILL');
      throw new Error(`${name} did not start`);
    }
    await sleep(200);
  }
  return { endpoint, stop: () => void server.kill('SIGKILL') };
}

async function listens(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint);
    return true;
  } catch {
    return false;
  }
}
