import type { EmulatorName } from '../emulator.ts';

/**
 * Tests that fail because the emulator does not do what AWS documents, and why.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export const deviations: Readonly<Record<EmulatorName, Readonly<Record<string, string>>>> = {
  moto: {
    'applyFile throws ChunkRefused for a rejection that no retry fixes':
      'a wrong type within a transaction is a ValidationException, not a reason of a TransactionCanceledException',
    'applyFile counts exactly over crashes, redeliveries, concurrent writers and changes of the chunk size':
      'a transaction that fails restores the whole table, and loses what others wrote in the meantime',
    'sends the same idempotent transaction to two tables': 'it ignores ClientRequestToken',
  },
  ministack: {},
};
