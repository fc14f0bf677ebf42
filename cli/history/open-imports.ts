import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { z } from 'zod';
import { describeBusy } from '#core/history/new-import.ts';
import { type ImportJob, type ImportReport, importReportSchema } from '#schemas/history/history-job.ts';
import { type PullReport, pullReportSchema } from '#schemas/history/pull.ts';
import { importReportKey, pullReportKey, uploadKey } from '#schemas/lake-keys.ts';
import { createHistoryImports, type ImportChange } from '#stores/catalog/history-imports.ts';
import { uploadObject } from '#stores/lake/upload-object.ts';
import { CommandFailed } from '#cli/errors.ts';
import type { Stack } from '#cli/stack.ts';

const pollMilliseconds = 1_000;

/** Imports of a stack, as the command line works on them. */
export function openImports(stack: Stack, now: () => number) {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const s3 = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  const lambda = new LambdaClient(stack.clientOptions('lambda'));
  const { CatalogTable: table, LakeBucket: Bucket, ImportFunction: FunctionName } = stack.outputs;
  const jobs = createHistoryImports({ client, table, now });
  async function readReport<T>(Key: string, schema: z.ZodType<T>): Promise<T> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return schema.parse(JSON.parse((await Body?.transformToString()) ?? 'null'));
  }
  async function start(id: string): Promise<void> {
    const Payload = JSON.stringify({ id });
    await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  }
  return {
    jobs,
    upload: (id: string, file: string): Promise<void> =>
      uploadObject(s3, { Bucket, Key: uploadKey(id) }, createReadStream(file)),
    start,
    /**
     * Changes an import and starts the function for it.
     * @param onBusy is called as long as another import of the page works
     */
    begin: async (job: ImportJob, change: ImportChange, onBusy?: (reason: string) => void): Promise<void> => {
      for (;;) {
        const begun = await jobs.begin(job, change);
        if (begun.kind === 'begun') return start(job.id);
        if (begun.kind === 'changed')
          throw new CommandFailed(`import \`${job.id}\` was changed at the same time; try again`);
        if (onBusy === undefined) throw new CommandFailed(describeBusy(begun.other));
        onBusy(describeBusy(begun.other));
        await sleep(pollMilliseconds);
      }
    },
    /** Waits until an import has ended. @param onStep is called while it runs */
    wait: async (id: string, onStep: (job: ImportJob) => void): Promise<ImportJob> => {
      for (;;) {
        const job = await jobs.get(id);
        if (job === undefined) throw new CommandFailed(`import ${id} does not exist`);
        if (job.state !== 'running' && job.state !== 'undoing') return job;
        onStep(job);
        await sleep(pollMilliseconds);
      }
    },
    pullReport: (id: string): Promise<PullReport> => readReport(pullReportKey(id), pullReportSchema),
    report: (id: string): Promise<ImportReport> => readReport(importReportKey(id), importReportSchema),
  };
}
