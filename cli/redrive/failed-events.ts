import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';

/** A line of a file in `failed/`: the original message and why it failed. */
const failedLineSchema = z.looseObject({ reason: z.string(), body: z.string() });
export type FailedEvent = z.infer<typeof failedLineSchema>;

export interface FailedFiles {
  /** Every key, oldest first. */
  keys: () => Promise<string[]>;
  read: (key: string) => Promise<Uint8Array>;
  write: (key: string, bytes: Uint8Array) => Promise<void>;
  remove: (key: string) => Promise<void>;
}

export interface FailedRedrive {
  sent: number;
  /** Number of sent events by reason. */
  reasons: Map<string, number>;
  /** Events with another reason, or refused by the queue. */
  kept: number;
  unreadable: { key: string; error: unknown }[];
}

interface Options {
  files: FailedFiles;
  /** Returns the events that the queue accepted. */
  send: (events: readonly FailedEvent[]) => Promise<readonly FailedEvent[]>;
  /** Undefined sends events with any reason. */
  reason: string | undefined;
}

/**
 * Sends the originals of failed events to the queue and removes them from their file, so a second run sends nothing.
 * An event that fails again becomes a new file.
 */
export async function redriveFailed({ files, send, reason }: Options): Promise<FailedRedrive> {
  const result: FailedRedrive = { sent: 0, reasons: new Map(), kept: 0, unreadable: [] };
  // Lists the files first: this run ignores new files of events that fail again.
  for (const key of await files.keys()) {
    let events: FailedEvent[];
    try {
      events = parseFailedFile(await files.read(key));
    } catch (error) {
      result.unreadable.push({ key, error });
      continue;
    }
    const sent = new Set(await send(events.filter((event) => reason === undefined || event.reason === reason)));
    const rest = events.filter((event) => !sent.has(event));
    if (sent.size > 0) await keep(files, key, rest);
    for (const event of sent) result.reasons.set(event.reason, (result.reasons.get(event.reason) ?? 0) + 1);
    result.sent += sent.size;
    result.kept += rest.length;
  }
  return result;
}

/** @throws {z.ZodError | SyntaxError} for a file that was not written by enrich */
export function parseFailedFile(bytes: Uint8Array): FailedEvent[] {
  return gunzipSync(bytes)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => failedLineSchema.parse(JSON.parse(line)));
}

async function keep(files: FailedFiles, key: string, events: readonly FailedEvent[]): Promise<void> {
  if (events.length === 0) await files.remove(key);
  else await files.write(key, formatFailedFile(events));
}

export function formatFailedFile(events: readonly FailedEvent[]): Uint8Array {
  return gzipSync(`${events.map((event) => JSON.stringify(event)).join('\n')}\n`);
}
