import { expect, test } from 'vitest';
import {
  type Finding,
  evaluateClock,
  evaluateDeadLetters,
  evaluateGeography,
  evaluateLost,
  evaluateQueue,
  evaluateReceived,
  evaluateUnsent,
} from './findings.ts';

const now = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;

const cases: [Finding, Finding['state']][] = [
  [evaluateDeadLetters('clicks', 0), 'fine'],
  [evaluateDeadLetters('clicks', 1), 'broken'],
  [evaluateQueue('clicks', 900, 100), 'fine'],
  [evaluateQueue('clicks', 90_000, 100), 'look'],
  [evaluateUnsent(0, 0), 'fine'],
  [evaluateUnsent(0, 1), 'look'],
  [evaluateReceived(undefined, now), 'look'],
  [evaluateReceived(now - 17 * minute, now), 'fine'],
  [evaluateReceived(now - 60 * minute, now), 'broken'],
  [evaluateLost(0, 24), 'fine'],
  [evaluateLost(3, 24), 'broken'],
  [evaluateLost(-1, 24), 'look'],
  [evaluateClock(300), 'fine'],
  [evaluateClock(-9000), 'look'],
  [evaluateGeography(undefined), 'fine'],
  [evaluateGeography('missing'), 'look'],
];

test.each(cases)('%j is %s', (finding, state) => {
  expect(finding.state).toBe(state);
  // Whoever has to look is told what to do.
  expect(finding.advice === undefined).toBe(state === 'fine');
});
