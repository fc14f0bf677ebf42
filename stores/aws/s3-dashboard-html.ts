import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../errors.ts';
import { remember } from './remembered.ts';

interface DashboardHtmlOptions {
  client: Pick<S3Client, 'send'>;
  bucket: string;
  now: () => number;
}

/** A deployment is complete for embedded shares after this time. */
const freshMs = 60_000;

/** Reads the dashboard's `index.html`, whose scripts are named by their content, and remembers it. */
export function createDashboardHtml({ client, bucket, now }: DashboardHtmlOptions) {
  async function read(): Promise<string> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'app/index.html' }));
    const html = await Body?.transformToString();
    if (!html) throw new StoreUnavailable('index.html of the dashboard is empty');
    return html;
  }
  return remember({ what: 'index.html of the dashboard', read, now, fresh: freshMs });
}
