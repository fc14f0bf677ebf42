import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

export interface LogEvent {
  timestamp: number;
  message: string;
}

export interface LogFiles {
  /** Reads the events with `from <= timestamp < to`, in the order written. */
  read: (group: string, from: number, to: number) => LogEvent[];
  groups: () => string[];
  /** Returns the folder that workers append to. */
  directoryOf: (group: string) => string;
  /** Deletes files whose window closed before `before`. */
  expire: (group: string, before: number) => void;
}

export function createLogFiles(directory: string): LogFiles {
  mkdirSync(directory, { recursive: true });
  function filesOf(group: string): { start: number; file: string }[] {
    const folder = groupDirectory(directory, group);
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder)
      .sort()
      .map((name) => ({ start: windowStart(name), file: path.join(folder, name) }))
      .filter(({ start }) => Number.isFinite(start));
  }
  return {
    read: (group, from, to) =>
      filesOf(group)
        .filter(({ start }) => start + windowMs > from && start < to)
        .flatMap(({ file }) => readFileSync(file, 'utf8').split('\n'))
        .flatMap((line) => readLine(line) ?? [])
        .filter(({ timestamp }) => timestamp >= from && timestamp < to),
    groups: () => readdirSync(directory).map(decodeURIComponent),
    directoryOf: (group) => groupDirectory(directory, group),
    expire: (group, before) => {
      for (const { start, file } of filesOf(group)) if (start + windowMs <= before) rmSync(file);
    },
  };
}

/**
 * File format: `<group>/<window>.log`, one line per event, `<epoch ms> <text>`. Workers append synchronously, so that
 * the log of a killed function is complete.
 */

/** Time covered by one file. */
const windowMs = 15 * 60_000;

/** Returns the folder of a group, whose name may contain slashes. */
export function groupDirectory(directory: string, group: string): string {
  return path.join(directory, encodeURIComponent(group));
}

function windowStart(file: string): number {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})\.log$/.exec(file) ?? [];
  return year ? Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`) : Number.NaN;
}

function readLine(line: string): LogEvent | undefined {
  const space = line.indexOf(' ');
  const timestamp = Number(line.slice(0, space));
  // The last line of a killed worker may be incomplete; CloudWatch would not have it either.
  return space > 0 && Number.isInteger(timestamp) ? { timestamp, message: line.slice(space + 1) } : undefined;
}

/** `20261122T0715.log` */
export function windowFile(epochMs: number): string {
  const start = new Date(Math.floor(epochMs / windowMs) * windowMs);
  return `${start.toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}.log`;
}
