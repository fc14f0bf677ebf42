import { startFauxqs } from 'fauxqs';

/**
 * The address of another emulator of DynamoDB, SQS and S3 to test with, instead of those of the local stack. Set by
 * `npm run conformance -- emulators`, which runs one test file at a time, because they share its tables and buckets.
 */
export const emulator = process.env['HOPCOUNT_TEST_EMULATOR'];

/** Starts SQS and S3 without queues and buckets: fauxqs, or the {@link emulator}. */
export async function startQueuesAndBuckets(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  if (emulator !== undefined) return { endpoint: emulator, stop: () => Promise.resolve() };
  const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  return { endpoint: `http://127.0.0.1:${server.port}`, stop: () => server.stop() };
}
