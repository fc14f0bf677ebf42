import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { toLines } from '#core/history/pulls/pulled-lines.ts';
import type { Entries } from '#core/history/pulls/source.ts';
import {
  linkCountsSchema,
  type PullJob,
  pullLimits,
  type PullReport,
  refusedLinkSchema,
} from '#schemas/history/pull.ts';
import { pullFolder, pullReportKey } from '#schemas/lake-keys.ts';
import type { PullDeps } from './deps.ts';

type Files = PullDeps['files'];

/**
 * Keeps what an answer says: links as they are, history as lines, both packed. The names count up, and the pull moves on only
 * then: an answer that is asked for again replaces itself.
 * @returns the parts of the pull, with those of this answer
 */
export async function keepEntries(
  files: Files,
  { id, parts }: Pick<PullJob, 'id' | 'parts'>,
  entries: readonly Entries[],
): Promise<PullJob['parts']> {
  const next = { ...parts };
  const links = entries.filter(({ kind }) => kind === 'links').flatMap(({ values }) => values);
  if (links.length > 0) await files.put(linksKey(id, next.links++), gzipSync(JSON.stringify(links)));
  const lines = toLines(entries);
  if (lines.length > 0) {
    const packed = gzipSync(`${lines.join('\n')}\n`);
    await files.put(rowsKey(id, next.rows++), packed);
    next.packed += packed.length;
  }
  return next;
}

/** @throws {StagedMissing} */
export async function readLinksPart(files: Files, id: string, part: number): Promise<unknown[]> {
  const bytes = await need(files, linksKey(id, part));
  return z.array(z.unknown()).parse(JSON.parse(gunzipSync(bytes).toString('utf8')));
}

/** Joins all history into one file: parts that are packed with gzip make one such file. @throws {StagedMissing} */
export async function joinRows(files: Files, { id, parts }: Pick<PullJob, 'id' | 'parts'>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for (let from = 0; from < parts.rows; from += readsAtOnce) {
    const keys = Array.from({ length: Math.min(readsAtOnce, parts.rows - from) }, (_, at) => rowsKey(id, from + at));
    all.push(...(await Promise.all(keys.map((key) => need(files, key)))));
  }
  return Buffer.concat(all);
}

const readsAtOnce = 16;

const outcomeSchema = z.object({
  /** Hash of the links. */
  content: z.string(),
  counts: linkCountsSchema,
  refused: z.array(refusedLinkSchema),
});
export type PartOutcome = z.infer<typeof outcomeSchema>;

/** What became of the links of a part, as it was planned before the first of them was written. */
export async function readOutcome(
  files: Files,
  { id, dryRun }: PartName,
  part: number,
): Promise<PartOutcome | undefined> {
  const bytes = await files.get(outcomeKey({ id, dryRun }, part));
  return bytes && outcomeSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

export async function putOutcome(files: Files, name: PartName, part: number, outcome: PartOutcome): Promise<void> {
  await files.put(outcomeKey(name, part), Buffer.from(JSON.stringify(outcome), 'utf8'));
}

/** Writes the report about the links of a pull, from what became of each part. */
export async function putReport(files: Files, pull: Pick<PullJob, 'id' | 'dryRun' | 'imported'>): Promise<void> {
  const refused: PullReport['refused'] = [];
  for (let part = 0; part < pull.imported.parts && refused.length < pullLimits.refusals; part++)
    refused.push(...((await readOutcome(files, pull, part))?.refused ?? []));
  const report: PullReport = { refused: refused.slice(0, pullLimits.refusals) };
  await files.put(pullReportKey(pull.id), Buffer.from(JSON.stringify(report), 'utf8'));
}

type PartName = Pick<PullJob, 'id' | 'dryRun'>;

/** Deletes all that a pull has read. */
export async function deleteStaged(files: Files, id: string): Promise<void> {
  await files.delete(await files.list(pullFolder(id)));
}

/** What was read has expired: it must be pulled again. */
export class StagedMissing extends Error {
  override readonly name = 'StagedMissing';
}

async function need(files: Files, key: string): Promise<Uint8Array> {
  const bytes = await files.get(key);
  if (bytes === undefined) throw new StagedMissing(`${key} has expired`);
  return bytes;
}

function linksKey(id: string, part: number): string {
  return `${pullFolder(id)}links-${part}.json.gz`;
}

function rowsKey(id: string, part: number): string {
  return `${pullFolder(id)}rows-${part}.ndjson.gz`;
}

/** A preview plans without the links that the import will find. */
function outcomeKey({ id, dryRun }: PartName, part: number): string {
  return `${pullFolder(id)}${dryRun ? 'preview' : 'outcome'}-${part}.json`;
}
