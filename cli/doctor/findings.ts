import type { RefusedCounts } from '#core/ledger/refused.ts';
import { lookupFailedRule } from '#schemas/log-lines.ts';

/**
 * The result of a check. `error` means that clicks are not being counted, or soon will not be; `unknown`, that only a
 * deployed stack can tell.
 */
export interface Finding {
  check: string;
  state: 'ok' | 'warning' | 'error' | 'unknown';
  found: string;
  /** What to do about a warning or an error. */
  advice?: string;
}

export function evaluateDeadLetters(queue: string, waiting: number): Finding {
  return waiting === 0
    ? ok(`${queue} dead letters`, 'none')
    : {
        check: `${queue} dead letters`,
        state: 'error',
        found: `${waiting} messages failed every attempt`,
        advice: `fix the cause, which is in the log of the function, then run \`hopcount redrive\``,
      };
}

function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found };
}

/** @param failed runs of the last two days that failed all attempts, or could not be started */
export function evaluateJobFailures(failed: number): Finding {
  const check = 'jobs';
  return failed === 0
    ? ok(check, 'no run failed in two days')
    : {
        check,
        state: 'warning',
        found: `${failed} runs failed in two days`,
        advice: 'see "jobs-failed" in docs/runbook.md; then purge the queue JobFailures',
      };
}

/** More than a minute of the highest measured traffic. */
const deepQueue = 50_000;

export function evaluateQueue(queue: string, waiting: number, inFlight: number): Finding {
  const found = `${waiting} waiting, ${inFlight} in flight`;
  return waiting < deepQueue
    ? ok(`${queue} queue`, found)
    : { check: `${queue} queue`, state: 'warning', found, advice: 'check whether its function fails or is throttled' };
}

export function evaluateUnsent(clicks: number, unreadable: number): Finding {
  return clicks + unreadable === 0
    ? ok('unsent clicks', 'none in 7 days, or all recovered')
    : {
        check: 'unsent clicks',
        state: 'warning',
        found: `the queue did not accept ${clicks} clicks in 7 days${unreadable > 0 ? `; ${unreadable} log lines are truncated` : ''}`,
        advice:
          clicks > 0
            ? 'run `hopcount recover` to send them'
            : 'the events of truncated lines are lost; find the lines in the log',
      };
}

const minute = 60_000;

/** The receipts job runs every 15 minutes for a window of 15 minutes that has closed. */
const maxReceiptsDelay = 45 * minute;

/** @param through milliseconds since the epoch; undefined before the first run */
export function evaluateReceived(through: number | undefined, now: number): Finding {
  const check = 'received counted';
  if (through === undefined)
    return {
      check,
      state: 'warning',
      found: 'not yet',
      advice:
        'the first window is counted within 30 minutes of the start; if it takes longer, check the log of functions/receipts',
    };
  const found = `through ${new Date(through).toISOString()}`;
  if (now - through <= maxReceiptsDelay) return ok(check, found);
  const advice = 'functions/receipts is late; check its log. Until it catches up, lost events are not detected';
  return { check, state: 'error', found, advice };
}

export function evaluateLost(lost: number, hours: number): Finding {
  return lost === 0
    ? ok('lost', `0 in the last ${hours} closed hours`)
    : {
        check: 'lost',
        state: 'error',
        found: `${lost} in the last ${hours} closed hours`,
        advice: 'run `hopcount recover`, then `hopcount redrive`; what remains was lost at the edge before it was sent',
      };
}

/** Reports the requests that were refused and not kept as events, by their most frequent rules. */
export function evaluateRefused(refused: RefusedCounts, hours: number): Finding {
  const check = 'refused, not kept';
  const rules = Object.entries(refused)
    .filter(([rule]) => rule !== lookupFailedRule)
    .sort(([, a], [, b]) => b - a);
  if (rules.length === 0) return ok(check, `none in ${hours} hours`);
  const named = rules.slice(0, namedRules).map(([rule, count]) => `${count} by ${rule}`);
  return {
    check,
    state: 'warning',
    found: `in ${hours} hours, counted but not kept one by one: ${named.join(', ')}`,
    advice: 'someone sends many requests that are refused; see "A flood of requests" in docs/runbook.md',
  };
}

const namedRules = 3;

/** Reports the requests of unknown links: they are in the numbers of no page. */
export function evaluateLookups(failed: number, hours: number): Finding {
  const check = 'looked up';
  return failed === 0
    ? ok(check, `every requested link could be read in ${hours} hours`)
    : {
        check,
        state: 'warning',
        found: `in ${hours} hours, ${failed} requests were answered 503 and not counted to a link, because the link could not be read`,
        advice: 'the catalog table failed, was slow or was throttled; see "lookups-failed" in docs/runbook.md',
      };
}

interface HourSurplus {
  /** UTC hour: `2026-11-22T07` */
  hour: string;
  surplus: number;
}

/** Explains hours with more events than requests: those that wait for settle, and those that have settled. */
export function evaluateSurplus({
  waiting,
  settled,
}: {
  waiting: readonly HourSurplus[];
  settled: readonly HourSurplus[];
}): Finding {
  const check = 'counted twice';
  if (settled.length > 0)
    return {
      check,
      state: 'warning',
      found: `${sumSurplus(settled)} more events than requests in settled hours: ${namesOf(settled)}`,
      advice:
        'settle has removed what was delivered twice, so these events have no request line: they were put into the queue directly, or their lines were deleted from the log before receipts counted them',
    };
  if (waiting.length === 0) return ok(check, '0');
  return ok(
    check,
    `${sumSurplus(waiting)} so far, in ${namesOf(waiting)}: delivered twice, or late events whose requests receipts has not counted yet; the numbers agree when the hour settles, within 90 minutes after it ends`,
  );
}

function sumSurplus(hours: readonly HourSurplus[]): number {
  return hours.reduce((sum, { surplus }) => sum + surplus, 0);
}

const namedHours = 3;

function namesOf(hours: readonly HourSurplus[]): string {
  const names = hours.slice(0, namedHours).map(({ hour }) => hour);
  return hours.length > namedHours ? `${names.join(', ')} and ${hours.length - namedHours} more` : names.join(', ');
}

const clockTolerance = 5_000;

export function evaluateClock(difference: number): Finding {
  return Math.abs(difference) <= clockTolerance
    ? ok('clock', `${(difference / 1000).toFixed(1)} s off the edge`)
    : {
        check: 'clock',
        state: 'warning',
        found: `${(difference / 1000).toFixed(1)} s off the edge`,
        advice: 'synchronize the clock of this machine; `--since` and `--at` depend on it',
      };
}

export function evaluateGeography(warning: string | undefined): Finding {
  return warning === undefined
    ? ok('geography', 'present')
    : {
        check: 'geography',
        state: 'warning',
        found: warning,
        advice: 'countries stay empty; install the databases with `npm ci`, or set the geography object in cdk.json',
      };
}

/** @param status of the issuer's discovery document */
export function evaluateSignIn(issuer: string, status: number): Finding {
  return status === 200
    ? ok('sign-in', `${issuer} responds`)
    : {
        check: 'sign-in',
        state: 'warning',
        found: `${issuer} returned ${status}`,
        advice: 'users cannot sign in to the dashboard; check the setting `oidcIssuer`',
      };
}

/** @param clicks of the canary that were counted in this hour and the last */
export function evaluateCanary(clicks: number): Finding {
  return clicks > 0
    ? ok('canary', `${clicks} clicks counted in this hour and the last`)
    : {
        check: 'canary',
        state: 'warning',
        found: 'no click was counted in this hour and the last',
        advice: 'it clicks every five minutes; check the log of functions/canary, and EventBridge Scheduler',
      };
}
