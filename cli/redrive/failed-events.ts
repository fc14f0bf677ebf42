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
  /** By reason, of those that were sent. */
  reasons: Map<string, number>;
  /** Of another reason than the one asked for, or refused by the queue. */
  kept: number;
  unreadable: { key: string; error: unknown }[];
}

interface Options {
  files: FailedFiles;
  /** Gives the events that the queue took. */
  send: (events: readonly FailedEvent[]) => Promise<readonly FailedEvent[]>;
  /** Undefined for every reason. */
  reason: string | undefined;
}

/**
 * Puts the originals of failed events back on the queue and takes them out of their file: run twice, it sends nothing
 * twice. What fails again comes back as a new file.
 */
export async function redriveFailed({ files, send, reason }: Options): Promise<FailedRedrive> {
  const result: FailedRedrive = { sent: 0, reasons: new Map(), kept: 0, unreadable: [] };
  // Listed first: what fails again meanwhile is a new file, and not for this run.
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

/** @throws {z.ZodError | SyntaxError} for a file that enrich did not write */
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
