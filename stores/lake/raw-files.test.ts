import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { StoreUnavailable } from '../errors.ts';
import { createRawFiles, FileMissing } from './raw-files.ts';

/** Reads a file from a server that answers so. */
async function read(answer: RequestListener, milliseconds = 30_000): Promise<Uint8Array> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    forcePathStyle: true,
  });
  try {
    return await createRawFiles({ client, bucket: 'lake' }).read('raw/one', milliseconds);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('returns the bytes of a file', async () => {
  const bytes = await read((_, response) => response.end('hello'));
  expect(new TextDecoder().decode(bytes)).toBe('hello');
});

it.each<[string, RequestListener]>([
  ['does not answer', () => undefined],
  [
    'stops in the middle of the file',
    (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('hel'),
  ],
])('fails in time if S3 %s', async (_, answer) => {
  const started = Date.now();
  await expect(read(answer, 500)).rejects.toThrow(StoreUnavailable);
  expect(Date.now() - started).toBeLessThan(5_000);
});

it('fails at once without time', async () => {
  const rawFiles = createRawFiles({ client: new S3Client({ region: 'us-east-1' }), bucket: 'lake' });
  await expect(rawFiles.read('raw/one', 0)).rejects.toThrow('no time was left');
});

it('tells a missing file from a store that fails', async () => {
  const body = '<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>';
  await expect(
    read((_, response) => response.writeHead(404, { 'content-type': 'application/xml' }).end(body)),
  ).rejects.toThrow(FileMissing);
});
