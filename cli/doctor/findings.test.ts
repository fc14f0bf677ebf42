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
  [evaluateDeadLetters('clicks', 0), 'ok'],
  [evaluateDeadLetters('clicks', 1), 'error'],
  [evaluateQueue('clicks', 900, 100), 'ok'],
  [evaluateQueue('clicks', 90_000, 100), 'warning'],
  [evaluateUnsent(0, 0), 'ok'],
  [evaluateUnsent(0, 1), 'warning'],
  [evaluateReceived(undefined, now), 'warning'],
  [evaluateReceived(now - 17 * minute, now), 'ok'],
  [evaluateReceived(now - 60 * minute, now), 'error'],
  [evaluateLost(0, 24), 'ok'],
  [evaluateLost(3, 24), 'error'],
  [evaluateLost(-1, 24), 'warning'],
  [evaluateClock(300), 'ok'],
  [evaluateClock(-9000), 'warning'],
  [evaluateGeography(undefined), 'ok'],
  [evaluateGeography('missing'), 'warning'],
];

test.each(cases)('%j is %s', (finding, state) => {
  expect(finding.state).toBe(state);
  // Every problem comes with advice.
  expect(finding.advice === undefined).toBe(state === 'ok');
});
