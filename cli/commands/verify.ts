import { defineCommand, type Terminal } from '#cli/command.ts';
import { examine } from '#cli/doctor/examine.ts';
import type { Finding } from '#cli/doctor/findings.ts';
import { flag, optional, optionalWith, pagePath, required, webAddress, wholeNumber } from '#cli/parameters.ts';
import { findStack, type Stack } from '#cli/stack.ts';
import { type Check, compare } from '#cli/verify/checks.ts';
import { eraseScratchPage, newScratchPath } from '#cli/verify/scratch-page.ts';
import { settleTime, verifyCounting } from '#cli/verify/verify.ts';

export const command = defineCommand({
  summary: 'Prove that the stack counts right: send known requests, compare every number',
  details: `Creates a scratch page with links, sends people, bots, previews, prefetches, forged headers, odd paths and tracker events,
compares responses, counters, ledger and lake with what was sent, examines the stack as doctor does, and erases the page.
Prints one line per check, and exits with 1 if one failed.

--settle settles the present hour before it is over. Other requests of the hour are shown again after the next hourly settle:
use it on a new stack, or at a quiet time.`,
  arguments: { 'base-url': required(webAddress, 'public URL of the stack') },
  options: {
    settle: flag('settle the present hour, and compare its final numbers'),
    timeout: optionalWith(wholeNumber(1, 3_600), 180, 'seconds to wait for each number'),
    json: flag('print the receipt as one JSON object'),
    erase: optional(pagePath, 'only erase the scratch page of a run that could not'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const { checks, report } = createReceipt(terminal, values.json);
    const path = values.erase ?? newScratchPath();
    const interrupted = terminal.catchInterrupt();
    if (values.erase === undefined) {
      terminal.note(`scratch page ${path}`);
      const site = new URL(values['base-url']).origin;
      const timeout = values.timeout * 1000;
      const { settle } = values;
      await verifyCounting({ stack, site, path, settle, timeout, interrupted, terminal, report }).catch(
        (error: unknown) => report({ check: 'run', expected: 'done', measured: String(error), passed: false }),
      );
    }
    // Also after a failure: the page must not stay.
    report(await eraseAndCheck(stack, path, values.settle ? settleTime(terminal.now()) : terminal.now()));
    const findings = values.erase === undefined ? await examine(stack, terminal.now) : [];
    for (const finding of findings) if (finding.state !== 'unknown') report(toCheck(finding));
    const notChecked = findings.filter(({ state }) => state === 'unknown');
    const passed = checks.every((check) => check.passed) && !interrupted.aborted;
    if (values.json) terminal.print(JSON.stringify({ page: path, passed, checks, notChecked }));
    else printEnd(terminal, { checks, notChecked, passed });
    return passed ? 0 : 1;
  },
});

/** Collects the checks, and prints each unless the receipt is to be JSON. */
function createReceipt(terminal: Terminal, json: boolean) {
  const checks: Check[] = [];
  return {
    checks,
    report: (check: Check) => {
      checks.push(check);
      if (!json) for (const line of formatCheck(check)) terminal.print(line);
    },
  };
}

function formatCheck({ check, expected, measured, passed, warning, advice }: Check): string[] {
  const numbers = passed ? measured : `expected ${expected}, measured ${measured}`;
  const mark = passed ? (warning ? '!' : '✓') : '✗';
  const line = `${mark} ${check.padEnd(checkWidth)}  ${numbers}`;
  return advice !== undefined && (warning || !passed) ? [line, `    → ${advice}`] : [line];
}

const checkWidth = 44;

async function eraseAndCheck(stack: Stack, path: string, now: number): Promise<Check> {
  const check = 'scratch page';
  try {
    const receipt = await eraseScratchPage(stack, path, now);
    const failed = receipt?.failed.map(({ hour, reason }) => `${hour}: ${reason}`) ?? [];
    const pending = receipt?.pending ?? [];
    const measured = pending.length === 0 ? 'erased' : `erased; its rows leave ${pending.join(', ')} when that settles`;
    return failed.length === 0
      ? { check, expected: measured, measured, passed: true }
      : { ...compare(check, 'erased', failed.join('; ')), advice: eraseAgain(stack, path) };
  } catch (error) {
    return { ...compare(check, 'erased', String(error)), advice: eraseAgain(stack, path) };
  }
}

function eraseAgain({ url, name }: Stack, path: string): string {
  return `erase it with \`npm run hopcount -- verify ${url} --stack ${name} --erase ${path}\``;
}

function toCheck({ check, state, found, advice }: Finding): Check {
  const passed = state !== 'error';
  return {
    check: `stack: ${check}`,
    expected: passed ? found : 'no error',
    measured: found,
    passed,
    warning: state === 'warning',
    ...(advice !== undefined && { advice }),
  };
}

interface End {
  checks: readonly Check[];
  notChecked: readonly Finding[];
  passed: boolean;
}

function printEnd(terminal: Terminal, { checks, notChecked, passed }: End): void {
  for (const { check, found } of notChecked)
    terminal.print(`– ${check.padEnd(checkWidth)}  not checked here: ${found}`);
  const failed = checks.filter((check) => !check.passed).length;
  terminal.print(`${passed ? 'passed' : 'failed'}: ${checks.length - failed} of ${checks.length} checks`);
}
