import type { IncomingMessage } from 'node:http';
import type { Call } from './policy.ts';

/** Returns the calls of an S3 request whose path begins with the bucket. */
export function readBucketCalls({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer): Call[] {
  const { pathname, searchParams: query } = new URL(url, 'http://localhost');
  const [bucket = '', ...rest] = pathname.slice(1).split('/');
  const key = decodeURIComponent(rest.join('/'));
  if (key === '') return [bucketCall(method, bucket, query, body)].flat();
  const copied = headers['x-amz-copy-source'];
  return [
    { action: `s3:${objectAction(method, query)}`, resource: objectArn(bucket, key) },
    ...(typeof copied === 'string' ? [{ action: 's3:GetObject', resource: copiedArn(copied) }] : []),
  ];
}

/** Returns the call that a missing object's reader also needs: without it, S3 says 403 and not 404. */
export function readListingCall({ method = 'GET', url = '/' }: IncomingMessage): Call | undefined {
  const [bucket = '', ...rest] = new URL(url, 'http://localhost').pathname.slice(1).split('/');
  if (!/^(GET|HEAD)$/.test(method) || rest.join('') === '') return undefined;
  return { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` };
}

/** Returns the call that lists the objects below a prefix. */
export function listCall(bucket: string, prefix: string): Call {
  return { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}`, context: { 's3:prefix': [prefix] } };
}

function bucketCall(method: string, bucket: string, query: URLSearchParams, body: Buffer): Call | Call[] {
  const resource = `arn:aws:s3:::${bucket}`;
  if (method === 'POST' && query.has('delete'))
    return [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => ({
      action: 's3:DeleteObject',
      resource: objectArn(bucket, unescapeXml(key)),
    }));
  if (query.has('location')) return { action: 's3:GetBucketLocation', resource };
  if (method === 'GET' || method === 'HEAD') return listCall(bucket, query.get('prefix') ?? '');
  return { action: method === 'PUT' ? 's3:CreateBucket' : 's3:DeleteBucket', resource };
}

function objectAction(method: string, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return 'GetObject';
    case 'DELETE':
      return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
    default:
      return 'PutObject';
  }
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

function copiedArn(source: string): string {
  return `arn:aws:s3:::${decodeURIComponent(source.replace(/^\//, ''))}`;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
