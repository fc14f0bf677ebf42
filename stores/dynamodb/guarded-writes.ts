import { StoreUnavailable } from '../errors.ts';
import { delay } from './rounds.ts';
import { isTransient } from './retry.ts';
import type { Check, Table, Write } from './table.ts';

/** A condition on an item of any table, without which nothing is written. */
export interface WriteGuard {
  check: Check;
  /** Returns if the check holds now. @throws {Error} that the writes end with, if it does not */
  assertHeld: () => Promise<void>;
}

/**
 * Returns a function that writes only while a guard holds, and false where the condition of the write itself does not. Transactions
 * that check one item at the same time cancel each other: one is under way, and the next has the writes that came meanwhile.
 */
export function createGuardedWrites(table: Table, { check, assertHeld }: WriteGuard) {
  let waiting: Pending[] = [];
  let isSending = false;

  async function sendAll(): Promise<void> {
    isSending = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostWrites);
      waiting = waiting.slice(mostWrites);
      try {
        const isDone = await transact([check, ...batch.map(({ write }) => write)]);
        if (!isDone) await assertHeld();
        for (const { resolve } of batch) resolve(isDone);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isSending = false;
  }

  async function transact(writes: readonly Write[]): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await table.transact(writes, { idempotent: true });
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || !isTransient(error) || attempt === attempts) throw error;
        await delay(25 * 2 ** attempt);
      }
    }
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

/** Writes of a transaction, which has at most 4 MB: an item has at most 400 KB. */
const mostWrites = 9;

/** After a conflict with a change of the checked item: about 6 s. */
const attempts = 7;
