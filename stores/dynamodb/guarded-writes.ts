import { isTransient, retryWhile } from './retry.ts';
import type { Check, Item, Table, Write } from './table.ts';

/** A condition on an item of any table, without which nothing is written. */
export interface WriteGuard {
  check: Check;
  /** Returns if the check holds now. @throws {Error} that the writes end with, if it does not */
  assertHeld: () => Promise<void>;
}

/**
 * Returns a function that writes only while a guard holds, and false where a condition of the write itself, or of one written
 * with it, does not. Transactions that check one item at the same time cancel each other: one is under way, and the next has the
 * writes that came meanwhile.
 */
export function createGuardedWrites(table: Table, { check, assertHeld }: WriteGuard) {
  const waiting: Pending[] = [];
  let isSending = false;

  async function sendAll(): Promise<void> {
    isSending = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, fitting(waiting.map(({ write }) => write)));
      const writes = [check, ...batch.map(({ write }) => write)];
      try {
        const isDone = await retryWhile(isTransient, 'guarded writes', () =>
          table.transact(writes, { idempotent: true }),
        );
        if (!isDone) await assertHeld();
        for (const { resolve } of batch) resolve(isDone);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isSending = false;
  }

  return (write: Write): Promise<boolean> =>
    new Promise((resolve, reject) => {
      waiting.push({ write, resolve, reject });
      if (!isSending) void sendAll();
    });
}

interface Pending {
  write: Write;
  resolve: (isDone: boolean) => void;
  reject: (error: unknown) => void;
}

/** Of a transaction: 100 items with the check, and 4 MB. An item alone has at most 400 KB. */
const mostWrites = 99;
const mostBytes = 3_000_000;

/** Returns how many of the first writes fit into a transaction: one at least. */
function fitting(writes: readonly Write[]): number {
  let bytes = 0;
  const end = writes.findIndex((write, at) => {
    bytes += write.kind === 'put' ? bytesOf(write.item) : 0;
    return at === mostWrites || (at > 0 && bytes > mostBytes);
  });
  return end < 0 ? writes.length : end;
}

function bytesOf(item: Item): number {
  return Object.values(item).reduce((sum, { B, S }) => sum + (B?.byteLength ?? Buffer.byteLength(S ?? '')), 0);
}
