import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';

const texts = z.record(z.string(), z.string());

/** What the package sent to a server on the loopback interface. Of batches with more than 12 events, the first 12 were kept. */
const recordingSchema = z.object({
  sdk: z.string(),
  version: z.string(),
  settings: z.string(),
  requests: z.array(
    z.object({
      /** What the application did. */
      phase: z.string(),
      /** When the request was received. */
      at: z.iso.datetime(),
      method: z.string(),
      path: z.string(),
      query: texts.default({}),
      headers: texts,
      /** How the body was encoded: `gzip(unlabelled) > json`. */
      encoding: z.string().optional(),
      body: z.unknown().optional(),
    }),
  ),
});

export type Recording = z.infer<typeof recordingSchema>;
export type RecordedRequest = Recording['requests'][number];

const folder = join(import.meta.dirname, 'recordings');

/** Names of the recordings: `posthog-js`. */
export const recordingNames: readonly string[] = readdirSync(folder).map((file) => file.replace('.json', ''));

export function readRecording(name: string): Recording {
  return recordingSchema.parse(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
}

/** Builds the body as it was recorded. */
export function bodyOf({ encoding, body }: RecordedRequest): Buffer {
  if (encoding === undefined) return Buffer.alloc(0);
  if (encoding.startsWith('gzip(')) return gzipSync(JSON.stringify(body));
  if (encoding === 'json') return Buffer.from(JSON.stringify(body));
  if (encoding === 'form > data=base64(json)')
    return Buffer.from(new URLSearchParams({ data: base64Of(body) }).toString());
  throw new Error(`The encoding \`${encoding}\` is not known.`);
}

function base64Of(body: unknown): string {
  const { data } = z.object({ data: z.unknown() }).parse(body);
  return Buffer.from(JSON.stringify(data)).toString('base64');
}
