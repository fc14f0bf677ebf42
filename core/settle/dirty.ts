import { createHash } from 'node:crypto';

/** A raw file as listed, with the rows that its key promises. */
export interface PromisedFile {
  key: string;
  rows: number;
}

/** What the present run of an hour was made of. */
export interface RunBasis {
  /** Digest of the listing that it read. */
  listing: string;
  /** Checksum of the tail of the hour before, as it was then. */
  head: string;
}

/** Checksum of an hour without events, or of one that was never settled. */
export const emptyTail = '0.0';

export type DirtyReason = 'new' | 'files' | 'head' | 'forced';

/**
 * Why an hour must settle (again), or undefined when its run still says the truth. A file that is gone is no reason:
 * its rows are in the run.
 * @param known keys of the files in the run's manifest; asked for only when the listing differs
 */
export async function findDirtyReason(
  files: readonly PromisedFile[],
  run: RunBasis | undefined,
  head: string,
  known: () => Promise<ReadonlySet<string>>,
): Promise<DirtyReason | undefined> {
  if (!run) return files.length > 0 ? 'new' : undefined;
  if (run.head !== head) return 'head';
  if (run.listing === digestListing(files)) return undefined;
  const keys = await known();
  return files.some(({ key }) => !keys.has(key)) ? 'files' : undefined;
}

export function digestListing(files: readonly PromisedFile[]): string {
  return createHash('sha256')
    .update(
      files
        .map(({ key }) => key)
        .toSorted()
        .join('\n'),
    )
    .digest('hex');
}
