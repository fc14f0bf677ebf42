import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type Footer, NoParquetFile, readFooter } from './footer.ts';

/** An object of the lake. */
export interface LakeObject {
  bucket: string;
  key: string;
  size: number;
  etag: string;
}

export interface Mirror {
  /** Lists the objects under the prefix. Deletes copies of objects that no longer exist. */
  list: (bucket: string, prefix: string) => Promise<LakeObject[]>;
  /** Returns the path of an empty file that ends in the object's key. The planner prunes by path and opens no file. */
  nameOf: (object: LakeObject) => string;
  /** Returns the path of the local copy: the object's key, with its version before the file name. */
  copyOf: (object: LakeObject) => string;
  /** Downloads missing copies, 16 at a time. */
  fetch: (objects: readonly LakeObject[]) => Promise<void>;
  /** Returns the footer of a fetched object, or undefined if it is not a Parquet file. */
  footer: (object: LakeObject) => Promise<Footer | undefined>;
  directories: { copies: string; names: string };
}

/** Keeps copies of lake objects on disk, by key and version. DuckDB's own S3 reader is an extension that it would download. */
export function createMirror({ s3, directory }: { s3: S3Client; directory: string }): Mirror {
  const copies = path.join(directory, 'copies');
  const names = path.join(directory, 'names');
  mkdirSync(copies, { recursive: true });
  mkdirSync(names, { recursive: true });
  const present = new Set(filesUnder(copies));
  const named = new Set(filesUnder(names));
  const footers = new Map<string, Footer | undefined>();

  function copyOf(object: LakeObject): string {
    const file = path.join(copies, object.bucket, object.key);
    return path.join(path.dirname(file), `${versionOf(object)}~${path.basename(file)}`);
  }

  function nameOf(object: LakeObject): string {
    const file = path.join(names, object.bucket, object.key);
    if (!named.has(file)) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, '');
      named.add(file);
    }
    return file;
  }

  async function download(object: LakeObject): Promise<void> {
    const file = copyOf(object);
    if (present.has(file)) return;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key }));
    await writeIn(file, (await Body?.transformToByteArray()) ?? new Uint8Array());
    present.add(file);
  }

  /** Deletes copies of deleted objects, so that erased data doesn't remain on disk. */
  async function evict(known: Set<string>, under: string, kept: ReadonlySet<string>): Promise<void> {
    for (const file of known) {
      if (!file.startsWith(under) || kept.has(file)) continue;
      known.delete(file);
      footers.delete(file);
      await rm(file, { force: true });
    }
  }

  return {
    directories: { copies, names },
    nameOf,
    copyOf,
    list: async (bucket, prefix) => {
      const found: LakeObject[] = [];
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix }))
        for (const { Key, Size, ETag } of page.Contents ?? [])
          if (Key) found.push({ bucket, key: Key, size: Size ?? 0, etag: ETag ?? '' });
      await evict(present, path.join(copies, bucket, prefix), new Set(found.map(copyOf)));
      return found;
    },
    fetch: (wanted) => inParallel(wanted, downloads, download),
    footer: async (object) => {
      const file = copyOf(object);
      if (!footers.has(file)) footers.set(file, footerOf(await readFile(file)));
      return footers.get(file);
    },
  };
}

const downloads = 16;

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

const versionLength = 16;

function versionOf({ etag, size }: LakeObject): string {
  return createHash('sha256').update(`${etag} ${size}`).digest('hex').slice(0, versionLength);
}

async function writeIn(file: string, bytes: Uint8Array): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.hrtime.bigint()}`;
  await writeFile(partial, bytes);
  await rename(partial, file);
}

async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

function footerOf(bytes: Uint8Array): Footer | undefined {
  try {
    return readFooter(bytes);
  } catch (error) {
    if (error instanceof NoParquetFile) return undefined;
    throw error;
  }
}
