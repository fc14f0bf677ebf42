import { expect, test } from 'vitest';
import {
  type Finding,
  evaluateCanary,
  evaluateClock,
  evaluateDeadLetters,
  evaluateJobFailures,
  evaluateGeography,
  evaluateLookups,
  evaluateLost,
  evaluateSurplus,
  evaluateQueue,
  evaluateReceived,
  evaluateRefused,
  evaluateSignIn,
  evaluateUnsent,
} from './findings.ts';

const now = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;

const cases: [Finding, Finding['state']][] = [
  [evaluateDeadLetters('clicks', 0), 'ok'],
  [evaluateDeadLetters('clicks', 1), 'error'],
  [evaluateJobFailures(0), 'ok'],
  [evaluateJobFailures(1), 'warning'],
  [evaluateQueue('clicks', 900, 100), 'ok'],
  [evaluateQueue('clicks', 90_000, 100), 'warning'],
  [evaluateUnsent(0, 0), 'ok'],
  [evaluateUnsent(0, 1), 'warning'],
  [evaluateReceived(undefined, now), 'warning'],
  [evaluateReceived(now - 17 * minute, now), 'ok'],
  [evaluateReceived(now - 60 * minute, now), 'error'],
  [evaluateLost(0, 24), 'ok'],
  [evaluateLost(3, 24), 'error'],
  [evaluateLookups(0, 24), 'ok'],
  [evaluateLookups(430, 24), 'warning'],
  [evaluateRefused({ 'lookup.failed': 430 }, 24), 'ok'],
  [evaluateRefused({ 'refused.origin': 4940 }, 24), 'warning'],
  [evaluateSurplus({ waiting: [], settled: [] }), 'ok'],
  [evaluateSurplus({ waiting: [{ hour: '2026-11-22T07', surplus: 2 }], settled: [] }), 'ok'],
  [evaluateSurplus({ waiting: [], settled: [{ hour: '2026-11-22T07', surplus: 2 }] }), 'warning'],
  [evaluateClock(300), 'ok'],
  [evaluateClock(-9000), 'warning'],
  [evaluateGeography(undefined), 'ok'],
  [evaluateGeography('missing'), 'warning'],
  [evaluateSignIn('https://issuer.example', 200), 'ok'],
  [evaluateSignIn('https://issuer.example', 404), 'warning'],
  [evaluateCanary(12), 'ok'],
  [evaluateCanary(0), 'warning'],
];

test.each(cases)('%j is %s', (finding, state) => {
  expect(finding.state).toBe(state);
  // Every problem comes with advice.
  expect(finding.advice === undefined).toBe(state === 'ok');
});
