import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hourLength } from '#core/time.ts';
import { sumOutcomes, readOutcomes } from '#core/ledger/outcomes.ts';
import { closingGrace } from '#core/settle/closing.ts';
import { entityKeys } from '#schemas/counters.ts';
import { settleSummarySchema } from '#schemas/lake-jobs.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { openLake } from '#cli/lake/lake-client.ts';
import type { Stack } from '#cli/stack.ts';
import type { Terminal } from '#cli/command.ts';
import {
  type Check,
  compare,
  compareCounters,
  compareRules,
  compareTotals,
  countEvents,
  countRepeats,
  type RowGroup,
} from './checks.ts';
import { addUp, type Counted, readCounted, readRows } from './measure.ts';
import { type DecidedEvent, decideAll, linkRoles, readPopulation, type Visit } from './population.ts';
import { codeOf, createScratchPage, origin, type ScratchLinks, target } from './scratch-page.ts';
import { sendPopulation } from './send-population.ts';

export interface VerifyOptions {
  stack: Stack;
  /** Address to send the requests to: `https://go.example`. */
  site: string;
  /** Path of the scratch page. */
  path: string;
  settle: boolean;
  /** Milliseconds to wait for numbers that are not there yet. */
  timeout: number;
  interrupted: AbortSignal;
  terminal: Pick<Terminal, 'now' | 'progress'>;
  /** Receives each check as soon as it is made. */
  report: (check: Check) => void;
}

/** Sends a known population to a new scratch page, and compares what the stack counts with it. The page stays. */
export async function verifyCounting(options: VerifyOptions): Promise<void> {
  const { stack, site, path, terminal, report } = options;
  const links = await createScratchPage(stack, path, terminal.now());
  const visits = readPopulation(placeholdersOf(path));
  terminal.progress(`sending ${visits.length} requests`);
  for (const check of await sendPopulation(site, visits)) report(check);
  const events = visits.flatMap((visit) => visit.events);
  await compareCounted(options, links, decideAll(events, false));
  if (options.settle) await compareSettled(options, visits);
}

function placeholdersOf(path: string): Record<string, string> {
  const codes = linkRoles.map((role) => [role, codeOf(path, role)] as const);
  const name = path.slice(1);
  return { ...Object.fromEntries(codes), page: path, name, 'open-rest': name.slice(1), origin, target, long: long };
}

/** Two thousand characters: more than any path of ours, less than CloudFront's limit of 8,192 for a URL. */
const long = 'x'.repeat(2_000);

async function compareCounted(
  options: VerifyOptions,
  links: ScratchLinks,
  events: readonly DecidedEvent[],
): Promise<void> {
  const { stack, path, report, terminal } = options;
  const page = await waitForCounters(options, events.length);
  const rows = await readRows(openLake(stack, terminal), 'raw_events', { path, now: terminal.now() });
  const repeats = countRepeats(rows);
  for (const check of compareCounters('counters', addUp([countEvents(events), repeats]), page.hot)) report(check);
  for (const role of linkRoles) {
    const own = events.filter(({ of }) => of === role);
    const ownRepeats = countRepeats(rows.filter(({ link }) => link === links[role].id));
    const { hot } = await readCounted(stack, entityKeys.link(links[role].id), terminal.now());
    report(compareTotals(`counters: link ${role}`, addUp([countEvents(own), ownRepeats]), hot));
  }
  for (const check of compareRules('lake', events, rows)) report(check);
  report(compareVisitors('forged headers: visitors', links.forged.id, rows, 1));
  report(compareVisitors('privacy signals: visitors', links.private.id, rows, 0));
  if (!stack.local) report(compareCountries(links.forged.id, rows));
  const received = await waitForReceipts(options, events.length);
  report(compare('ledger: received', events.length, received.received));
  const { received: requests, notKept, hot } = received;
  report({
    ...compare('ledger: refused, not kept as events', 0, notKept),
    advice: 'this address sent more than 60 refused requests within a minute; run it again later',
  });
  const lost = Math.max(0, requests - notKept - sumOutcomes(readOutcomes(hot)));
  report({ ...compare('ledger: lost', 0, lost), advice: 'see "lost" in docs/runbook.md' });
}

function compareVisitors(check: string, link: string, rows: readonly RowGroup[], expected: number): Check {
  const own = rows.filter((row) => row.link === link);
  return compare(check, expected, Math.max(0, ...own.map(({ visitors }) => visitors)));
}

function compareCountries(link: string, rows: readonly RowGroup[]): Check {
  const own = rows.filter((row) => row.link === link);
  const check = compare('forged headers: countries', 1, Math.max(0, ...own.map(({ countries }) => countries)));
  return { ...check, advice: '0: CloudFront sends no country; 2: it passes a forged one' };
}

function waitForCounters(options: VerifyOptions, events: number): Promise<Counted> {
  const { stack, path, terminal } = options;
  return waitFor(options, {
    what: 'the counters',
    read: () => readCounted(stack, entityKeys.page(path), terminal.now()),
    isComplete: ({ hot }) => sumOutcomes(readOutcomes(hot)) >= events,
  });
}

/** Counts the request lines up to now, as often as it takes: CloudWatch shows them some seconds later. */
function waitForReceipts(options: VerifyOptions, events: number): Promise<Counted> {
  const { stack, path, terminal } = options;
  return waitFor(options, {
    what: 'the receipts',
    read: async () => {
      const receipts = { time: new Date(terminal.now()).toISOString(), includeOpen: true };
      await invokeFunction(stack, 'ReceiptsFunction', receipts, z.unknown());
      return readCounted(stack, entityKeys.page(path), terminal.now());
    },
    isComplete: ({ received }) => received >= events,
  });
}

interface Wait<T> {
  what: string;
  read: () => Promise<T>;
  isComplete: (value: T) => boolean;
}

/** Reads until the value is complete, or the time is over, and returns the last one. */
async function waitFor<T>(options: VerifyOptions, { what, read, isComplete }: Wait<T>): Promise<T> {
  const { terminal, timeout, interrupted } = options;
  const start = terminal.now();
  let value = await read();
  while (!isComplete(value) && terminal.now() - start < timeout && !interrupted.aborted) {
    terminal.progress(`waiting for ${what}, ${Math.round((terminal.now() - start) / 1000)} s`);
    await sleep(pollMilliseconds, undefined, { signal: interrupted }).catch(() => undefined);
    value = await read();
  }
  return value;
}

const pollMilliseconds = 1_000;

async function compareSettled(options: VerifyOptions, visits: readonly Visit[]): Promise<void> {
  const { stack, path, terminal, report } = options;
  const events = decideAll(
    visits.flatMap((visit) => visit.events),
    true,
  );
  const time = settleTime(terminal.now());
  const through = await waitFor(options, {
    what: 'settle',
    read: () => settleHour(stack, time),
    isComplete: (reached) => reached >= time - closingGrace,
  });
  report(compare('settled: this hour', 'yes', through >= time - closingGrace ? 'yes' : 'no'));
  const { final } = await readCounted(stack, entityKeys.page(path), terminal.now());
  for (const check of compareCounters('settled counters', countEvents(events), final ?? {})) report(check);
  const rows = await readRows(openLake(stack, terminal), 'events', { path, now: terminal.now() });
  for (const check of compareRules('settled lake', events, rows)) report(check);
}

/** Returns the earliest time at which the present hour may close. */
export function settleTime(now: number): number {
  return (Math.floor(now / hourLength) + 1) * hourLength + closingGrace;
}

/** Settles as if it were that time, and returns up to when all hours are settled. */
async function settleHour(stack: Stack, time: number): Promise<number> {
  const payload = { time: new Date(time).toISOString() };
  const { through } = await invokeFunction(stack, 'SettleFunction', payload, settleSummarySchema);
  return through ?? 0;
}
