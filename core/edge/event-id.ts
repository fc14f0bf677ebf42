import { randomFillSync } from 'node:crypto';

/**
 * Returns a generator of event ids: 64 random bits as a signed decimal string.
 * @param fill fills the buffer with random bytes
 */
export function createEventIds(fill: (buffer: Buffer) => unknown = randomFillSync): () => string {
  const batch = Buffer.alloc(batchBytes);
  let next = batchBytes;
  return () => {
    if (next === batchBytes) {
      fill(batch);
      next = 0;
    }
    const id = batch.readBigInt64LE(next).toString();
    next += 8;
    return id;
  };
}

// One call for 512 ids: a call per id costs about ten times as much.
const batchBytes = 512 * 8;
