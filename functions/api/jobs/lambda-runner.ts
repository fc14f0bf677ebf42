import type { LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { z } from 'zod';
import { type ErasureReceipt, storedErasureSchema, storedExportSchema } from '#schemas/lake-jobs.ts';
import { erasureResultKey, exportResultKey, exportsPrefix } from '#schemas/lake-keys.ts';
import { startFunction } from '#stores/aws/start-function.ts';
import type { Lake } from '#stores/lake/lake.ts';
import type { SettledFiles } from '#stores/lake/settled-files.ts';
import type { ExportJob } from '#stores/catalog/lake-jobs.ts';
import type { ExportOutcome, JobResult, JobRunner } from './job-runner.ts';

export interface JobRunnerOptions {
  lambda: LambdaClient;
  functions: { export: string; import: string; pull: string; erase: string; alerts: string };
  s3: S3Client;
  /** The lake's bucket. */
  bucket: string;
  lake: Pick<Lake, 'get'>;
  files: Pick<SettledFiles, 'list'>;
  now: () => number;
}

const linkSeconds = 3600;
/** A job without a result after this time has failed: functions time out after 15 minutes and are tried three times. */
const longestRun = 60 * 60_000;

export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { lambda, functions, s3, bucket, lake, files, now } = options;

  function start(name: string, payload: object): Promise<void> {
    return startFunction(lambda, name, payload);
  }

  /** Returns what the job stored. A job without a result is running, or was stopped. */
  async function readJob<Stored>(key: string, schema: z.ZodType<Stored>, createdAt: string) {
    const exists = (await files.list(key)).length > 0;
    if (exists) return schema.parse(JSON.parse(Buffer.from(await lake.get(key)).toString('utf8')));
    return now() - Date.parse(createdAt) > longestRun
      ? { state: 'failed' as const, message: 'The job was stopped before it finished. Start it again.' }
      : { state: 'running' as const };
  }

  /** Athena's names have no extension, so the link names the file. */
  function signed({ key, name }: NamedFile): Promise<string> {
    const ResponseContentDisposition = `attachment; filename="${name}"`;
    return getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key, ResponseContentDisposition }), {
      expiresIn: linkSeconds,
      signingDate: new Date(now()),
    });
  }

  return {
    startExport: ({ id, page, from, to, format }) => start(functions.export, { id, page, from, to, format }),
    startErasure: ({ id, subject, createdAt }, value) =>
      start(functions.erase, { id, time: createdAt, subject: { kind: subject, value } }),
    startImport: (id) => start(functions.import, { id }),
    startPull: (id) => start(functions.pull, { id }),
    sendMails: () => start(functions.alerts, { job: 'mails', time: new Date(now()).toISOString() }),
    readExport: async (job): Promise<JobResult<ExportOutcome>> => {
      const { id, createdAt } = job;
      const stored = await readJob(exportResultKey(id), storedExportSchema, createdAt);
      if (stored.state !== 'done') return stored;
      // Files are deleted after 7 days, or by an erasure. The number of events is kept.
      const present = new Set((await files.list(`${exportsPrefix}${id}/`)).map(({ key }) => key));
      const named = nameFiles(job, stored.keys).filter(({ key }) => present.has(key));
      const urls = await Promise.all(named.map(signed));
      return { state: 'done', result: { rows: stored.events, urls } };
    },
    readErasure: async ({ id, createdAt }): Promise<JobResult<ErasureReceipt>> => {
      const stored = await readJob(erasureResultKey(id), storedErasureSchema, createdAt);
      return stored.state === 'done' ? { state: 'done', result: stored } : stored;
    },
  };
}

interface NamedFile {
  key: string;
  /** What a browser saves it as. */
  name: string;
}

/** Names one file `ada-2026-11-01-to-2026-11-22.csv`, and two `…-1.csv` and `…-2.csv`. */
function nameFiles({ page, from, to, format }: ExportJob, keys: readonly string[]): NamedFile[] {
  const name = `${page.slice(1)}-${from}-to-${to}`;
  return keys.map((key, at) => ({ key, name: `${name}${keys.length > 1 ? `-${at + 1}` : ''}.${format}` }));
}
