import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AlreadyRunning, lockDirectory } from './lock.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-lock-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the data folder', () => {
  it('belongs to one living process', () => {
    writeFileSync(path.join(directory, 'lock'), String(process.ppid));
    expect(() => lockDirectory(directory)).toThrow(AlreadyRunning);
    expect(() => lockDirectory(directory)).toThrow(`process ${process.ppid}`);
  });

  it('is taken over from a dead one, and given back', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(path.join(directory, 'lock'), String(pid));
    lockDirectory(directory)();
    lockDirectory(directory)();
  });
});
