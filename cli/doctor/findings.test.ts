import { expect, test } from 'vitest';
import {
  type Finding,
  judgeClock,
  judgeDeadLetters,
  judgeGeography,
  judgeLost,
  judgeQueue,
  judgeReceived,
  judgeUnsent,
} from './findings.ts';

const now = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;

const cases: [Finding, Finding['state']][] = [
  [judgeDeadLetters('clicks', 0), 'fine'],
  [judgeDeadLetters('clicks', 1), 'broken'],
  [judgeQueue('clicks', 900, 100), 'fine'],
  [judgeQueue('clicks', 90_000, 100), 'look'],
  [judgeUnsent(0, 0), 'fine'],
  [judgeUnsent(0, 1), 'look'],
  [judgeReceived(undefined, now), 'look'],
  [judgeReceived(now - 17 * minute, now), 'fine'],
  [judgeReceived(now - 60 * minute, now), 'broken'],
  [judgeLost(0, 24), 'fine'],
  [judgeLost(3, 24), 'broken'],
  [judgeLost(-1, 24), 'look'],
  [judgeClock(300), 'fine'],
  [judgeClock(-9000), 'look'],
  [judgeGeography(undefined), 'fine'],
  [judgeGeography('missing'), 'look'],
];

test.each(cases)('%j is %s', (finding, state) => {
  expect(finding.state).toBe(state);
  // Whoever has to look is told what to do.
  expect(finding.advice === undefined).toBe(state === 'fine');
});
