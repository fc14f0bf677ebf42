import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { windowFile } from '../logs/log-files.ts';

type Write = (chunk: Uint8Array | string) => void;

/**
 * Creates a writer for a worker's output. It appends each complete line to the log file synchronously, so that the line
 * is kept even if the worker is killed right after.
 */
export function createLineWriter(directory: string, now: () => number, logged: (line: string) => void): Write {
  mkdirSync(directory, { recursive: true });
  let open: { name: string; descriptor: number } | undefined;
  let rest = '';

  function descriptorAt(time: number): number {
    const name = windowFile(time);
    if (open?.name === name) return open.descriptor;
    if (open) closeSync(open.descriptor);
    open = { name, descriptor: openSync(path.join(directory, name), 'a') };
    return open.descriptor;
  }

  return (chunk) => {
    const lines = (rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).split('\n');
    rest = lines.pop() ?? '';
    const whole = lines.filter((line) => line !== '');
    if (whole.length === 0) return;
    const time = now();
    writeSync(descriptorAt(time), whole.map((line) => `${time} ${line}\n`).join(''));
    for (const line of whole) logged(line);
  };
}
