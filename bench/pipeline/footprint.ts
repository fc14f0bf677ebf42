import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Returns the resident memory of this process and its descendants, in MB; 0 where there is no `/proc`. */
export function readMemory(): number {
  if (!existsSync('/proc')) return 0;
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => [Number(pid), readField(pid, 'PPid')]),
  );
  function isOurs(pid: number | undefined): boolean {
    return pid === process.pid || (pid !== undefined && pid > 1 && isOurs(parents.get(pid)));
  }
  const kilobytes = [...parents.keys()].filter(isOurs).map((pid) => readField(String(pid), 'VmRSS'));
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** Reads a number of `/proc/<pid>/status`; 0 if the process has ended. */
function readField(pid: string, name: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Returns the bytes of all files below a folder. */
export function readDiskBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + sizeOf(path.join(entry.parentPath, entry.name)), 0);
}

function sizeOf(file: string): number {
  // A file may be deleted between listing and reading.
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
