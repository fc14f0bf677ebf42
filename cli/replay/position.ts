import { createHash } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { CommandFailed } from '#cli/errors.ts';

/** How far a replay has come: every line before `next` is done, except the open ones. Written to a file at each step. */
export interface ReplayPosition {
  file: string;
  /** Milliseconds since the epoch. */
  startedAt: () => number;
  next: () => number;
  /** Lines that were taken, but are not known to be counted: being sent, refused, or without a response. */
  open: () => ReadonlySet<number>;
  begin: (line: number) => void;
  finish: (line: number) => void;
  /** Closes the file, and deletes it if nothing is left to send. */
  close: (atEnd: boolean) => void;
}

export interface PositionOptions {
  /** The data folder of the local stack: the position of a replay belongs to the events that the stack has. */
  folder: string;
  log: string;
  page: string;
  now: () => number;
}

const stateSchema = z.object({
  log: z.string(),
  bytes: z.number(),
  startedAt: z.number(),
  next: z.int(),
  open: z.array(z.int()),
});

/**
 * Opens the position of a log's replay to a page: where an earlier one stopped, or the first line.
 * @throws {CommandFailed} if the log is shorter than it was
 */
export function openPosition({ folder, log, page, now }: PositionOptions): ReplayPosition {
  const source = path.resolve(log);
  const file = positionFile(folder, source, page);
  const bytes = statSync(source).size;
  const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT);
  const saved = readFileSync(descriptor, 'utf8');
  const state = saved === '' ? { log: source, bytes, startedAt: now(), next: 1, open: [] } : parseState(saved);
  if (bytes < state.bytes)
    throw new CommandFailed(
      `${log} is shorter than when its replay stopped at line ${state.next}; to replay it from the start, delete ${file}`,
    );
  const open = new Set(state.open);
  let { length } = saved;

  /** One write at one place, padded over the last one: complete even if the process is killed. */
  function save(): void {
    const text = JSON.stringify({ ...state, bytes, open: [...open] }).padEnd(length);
    length = text.length;
    writeSync(descriptor, text, 0);
  }
  return {
    file,
    startedAt: () => state.startedAt,
    next: () => state.next,
    open: () => open,
    begin: (line) => {
      open.add(line);
      state.next = Math.max(state.next, line + 1);
      save();
    },
    finish: (line) => {
      open.delete(line);
      save();
    },
    close: (atEnd) => {
      closeSync(descriptor);
      if (atEnd && open.size === 0) rmSync(file);
    },
  };
}

function positionFile(folder: string, source: string, page: string): string {
  const directory = path.join(folder, 'replays');
  mkdirSync(directory, { recursive: true });
  const digest = createHash('sha256').update(`${source}\n${page}`).digest('hex').slice(0, 16);
  return path.join(directory, `${path.basename(source)}-${digest}.json`);
}

function parseState(text: string): z.infer<typeof stateSchema> {
  return stateSchema.parse(JSON.parse(text));
}
