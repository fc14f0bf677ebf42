/**
 * Runs the tests of the stores, and of what queues and buckets hold, against moto and MiniStack instead of the emulators
 * of the local stack. Prints one line per emulator; exits with 1 if a test fails that is not a known deviation of it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { deviations } from './emulators/deviations.ts';
import { type EmulatorName, emulators, startEmulator } from './emulator.ts';
import { runCheck } from './missing-tool.ts';

/** Tests that use DynamoDB, SQS or S3 through their SDK clients. */
const tests = [
  'stores/cache',
  'stores/catalog',
  'stores/counters',
  'stores/dynamodb',
  'jobs/daily-detection',
  'jobs/hourly-detection',
  'functions/api/create-app.test.ts',
  'functions/receipts',
  'functions/rollup',
  'cli/links',
  'cli/redrive',
  'test/alerts/outgoing-mails.test.ts',
  'test/edge/handlers.test.ts',
  'test/lake/local-athena.test.ts',
  'test/lake/settle.test.ts',
];

const reportSchema = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

await runCheck(check);

async function check(): Promise<number> {
  let problems = 0;
  for (const name of ['moto', 'ministack'] as const) problems += await compare(name);
  return problems;
}

async function compare(name: EmulatorName): Promise<number> {
  const { endpoint, stop } = await startEmulator(name);
  try {
    const { passed, failed } = runTests(endpoint);
    const known = deviations[name];
    const unknown = [...failed].filter(([test]) => !(test in known));
    const outdated = Object.keys(known).filter((test) => !failed.has(test));
    const problems = unknown.length + outdated.length;
    console.log(
      `${problems === 0 ? '✓' : '✗'} ${emulators[name].requirement}: ${passed} tests pass, ${failed.size} fail`,
    );
    for (const [test, reason] of Object.entries(known)) console.log(`  deviates from AWS: ${test}: ${reason}`);
    for (const [test, message] of unknown) console.log(`✗ ${test}\n  ${message}`);
    for (const test of outdated) console.log(`✗ no longer fails: ${test}`);
    return problems;
  } finally {
    stop();
  }
}

/** Runs one file at a time: they share the emulator's tables. */
function runTests(endpoint: string): { passed: number; failed: ReadonlyMap<string, string> } {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-emulators-'));
  const report = path.join(directory, 'report.json');
  try {
    const { error } = spawnSync(
      'vitest',
      ['run', '--no-file-parallelism', '--reporter', 'json', '--outputFile', report, ...tests],
      { env: { ...process.env, HOPCOUNT_TEST_EMULATOR: endpoint }, stdio: 'ignore' },
    );
    if (error) throw error;
    const { numPassedTests, testResults } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
    const failures = testResults.flatMap(({ message, assertionResults }): [string, string][] => [
      ...(assertionResults.length === 0 ? [['a file without tests', message] as [string, string]] : []),
      ...assertionResults
        .filter(({ status }) => status !== 'passed')
        .map(({ fullName, failureMessages }): [string, string] => [fullName, failureMessages?.[0] ?? 'did not run']),
    ]);
    return { passed: numPassedTests, failed: new Map(failures) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
