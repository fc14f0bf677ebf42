import { expect, test } from 'vitest';
import { ledgerSince, sumLedger } from './ledger.ts';

const before = [{ hot: { clicks: 2, views: 1, 'x.bot': 3, 'c.US': 2, 'm.05': 2 }, received: 7, refused: {} }];
const after = [
  { hot: { clicks: 5, views: 1, 'x.bot': 4, 'x.head': 1, 'c.US': 5 }, received: 11, refused: {} },
  { hot: { customs: 1, 'x.failed': 1 }, received: 3, refused: {} },
];

test('counts counted events of every type, each reason, and what was received', () => {
  const ledger = sumLedger(before);
  expect(ledger).toMatchObject({ received: 7, lost: 1, outcomes: { counted: 3, bot: 3, head: 0 } });
});

test('the difference of two readings is what a replay added', () => {
  const added = ledgerSince(sumLedger(before), sumLedger(after));
  expect(added).toMatchObject({ received: 7, lost: 0, outcomes: { counted: 4, bot: 1, head: 1, failed: 1 } });
});

test('requests that were refused and only counted are received, and have their outcome', () => {
  const hour = { hot: { clicks: 1, 'x.refused': 60 }, received: 61 };
  const first = sumLedger([{ ...hour, refused: { 'method.POST': 40, 'invalid.title': 2 } }]);
  expect(first).toMatchObject({
    received: 103,
    lost: 0,
    surplus: 0,
    outcomes: { counted: 1, refused: 100, failed: 2 },
  });
  const second = sumLedger([{ ...hour, refused: { 'method.POST': 45, 'invalid.title': 2 } }]);
  expect(ledgerSince(first, second)).toMatchObject({ received: 5, lost: 0, notKept: { 'method.POST': 5 } });
});
