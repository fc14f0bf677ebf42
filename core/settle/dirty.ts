import { createHash } from 'node:crypto';

/** A raw file as it was listed. */
export interface PromisedFile {
  key: string;
  /** The row count in its key. */
  rows: number;
}

/** What the present run of an hour was built from. */
export interface RunBasis {
  /** Digest of the file listing. */
  listing: string;
  /** Checksum of the tail of the hour before. */
  head: string;
}

/** Checksum for an hour without events, and for one that was never settled. */
export const emptyTail = '0.0';

export type DirtyReason = 'new' | 'files' | 'head' | 'forced';

/**
 * Returns why an hour must settle (again), or undefined if its run is up to date. A deleted file is not a reason: its
 * rows are in the run.
 * @param head checksum of the present tail of the hour before
 * @param known reads the keys of the files in the run's manifest; called only if the listing differs
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
