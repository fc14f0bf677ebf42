import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type ImportJob, type ImportReport, importReportSchema } from '#schemas/history/history-job.ts';
import { type PullReport, pullReportSchema } from '#schemas/history/pull.ts';
import { importReportKey, pullReportKey, uploadKey } from '#schemas/lake-keys.ts';
import { createImportFiles } from '#stores/lake/import-files.ts';

/** Files that clients upload for imports, and the reports about them. Every function may throw {@link StoreUnavailable}. */
export interface HistoryUploads {
  /** Returns an address to which the file of this import, of exactly its size, can be put. */
  sign: (job: Pick<ImportJob, 'id' | 'file'>) => Promise<{ url: string; expiresAt: string }>;
  /** Returns the bytes that were uploaded; undefined if nothing was. */
  size: (id: string) => Promise<number | undefined>;
  report: (id: string) => Promise<ImportReport | undefined>;
  /** Returns what became of the links of a pull. */
  pullReport: (id: string) => Promise<PullReport | undefined>;
}

/** A file of 2 GB takes six hours at 0.75 Mbit/s. */
const uploadSeconds = 6 * 3600;

export function createHistoryUploads(options: { client: S3Client; bucket: string; now: () => number }): HistoryUploads {
  const { client, bucket, now } = options;
  const files = createImportFiles({ client, bucket });
  return {
    sign: async ({ id, file }) => {
      const command = new PutObjectCommand({ Bucket: bucket, Key: uploadKey(id), ContentLength: file.bytes });
      const url = await getSignedUrl(client, command, {
        expiresIn: uploadSeconds,
        signingDate: new Date(now()),
        // A body of another size does not have the signature.
        signableHeaders: new Set(['content-length', 'host']),
      });
      return { url, expiresAt: new Date(now() + uploadSeconds * 1000).toISOString() };
    },
    size: (id) => files.size(uploadKey(id)),
    report: async (id) => {
      const bytes = await files.get(importReportKey(id));
      return bytes && importReportSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    },
    pullReport: async (id) => {
      const bytes = await files.get(pullReportKey(id));
      return bytes && pullReportSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    },
  };
}
