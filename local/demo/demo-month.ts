import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { countReceived, createRequestTally } from '#core/ledger/received.ts';
import { lastClosableEnd } from '#core/settle/closing.ts';
import { dayLength, hourLength } from '#core/time.ts';
import type { AlertJob } from '#schemas/alerts.ts';
import { settleSummarySchema } from '#schemas/lake-jobs.ts';
import { createReceivedStore } from '#stores/counters/received-counts.ts';
import type { LocalStack } from '../stack.ts';
import { demoPages, toCatalogLinks, toCatalogPage } from './demo-pages.ts';
import { generateTraffic, type TrackedPage } from './demo-traffic.ts';
import { openHours } from './settled-hours.ts';

export interface DemoMonthOptions {
  stack: LocalStack;
  /** Holds `demo.json`: how far the demo has come. */
  dataDirectory: string;
  /** @default 30 */
  days?: number;
  /** Stops the work; the next start continues it. */
  signal: AbortSignal;
  log: (line: string) => void;
}

/**
 * Gives a new stack six pages with a month of generated traffic, up to the last hour that can settle. Does nothing for a stack that had
 * pages of its own, or has its month. May be interrupted: the next start continues.
 * @throws {FunctionFailed} {StoreUnavailable}
 */
export async function addDemoMonth(options: DemoMonthOptions): Promise<void> {
  const { stack, log, signal } = options;
  const file = path.join(options.dataDirectory, 'demo.json');
  const progress = readProgress(file, stack.isNew);
  if (progress === undefined || progress.state === 'done') return;
  const { end } = progress;
  if (progress.state === 'writing') {
    writeProgress(file, progress);
    const events = await writeMonth(options, end);
    if (signal.aborted) return;
    log(`Demo: six pages have ${events.toLocaleString('en-US')} events of ${daysOf(options)} days.`);
    writeProgress(file, { ...progress, state: 'settling' });
  }
  if (await settleMonth(options, end)) {
    writeProgress(file, { ...progress, state: 'done' });
    log('Demo: complete, with alerts and forecasts. To remove it: npm run hopcount -- erase --demo');
  }
}

const progressSchema = z.object({
  /** Milliseconds since the epoch: the month ends here. */
  end: z.number(),
  state: z.enum(['writing', 'settling', 'done']),
  /** For `hopcount erase --demo`. */
  pages: z.array(z.string()),
});
type Progress = z.infer<typeof progressSchema>;

function readProgress(file: string, isNew: boolean): Progress | undefined {
  if (existsSync(file)) return progressSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const pages = demoPages.map((page) => page.path);
  return isNew ? { end: lastClosableEnd(Date.now()), state: 'writing', pages } : undefined;
}

function writeProgress(file: string, progress: Progress): void {
  writeFileSync(file, JSON.stringify(progress));
}

/** Writes the hours of the month, and counts their requests as received. Returns the number of events. */
async function writeMonth(options: DemoMonthOptions, end: number): Promise<number> {
  const { stack, signal } = options;
  const days = daysOf(options);
  const pages = await addPages(stack, end - days * dayLength);
  const tally = createRequestTally();
  const hours = openHours(stack, pages);
  for (const { start, messages } of generateTraffic(pages, { end, days })) {
    if (signal.aborted) break;
    await hours.write(start, messages);
    for (const { id, occurredAt: at, page, link } of messages) tally.add({ id, at, page, link });
  }
  hours.close();
  const zones = new Map(pages.map(({ page }) => [page.path, page.timeZone]));
  const counts = countReceived(tally.finish(), (page) => zones.get(page) ?? 'UTC');
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const backoff = { now: Date.now, sleep, random: Math.random };
  const table = stack.outputs.RollupsTable;
  const received = createReceivedStore({ client, table, backoff, hotDays: receivedDays });
  await received.setCounts('demo', counts, Number.POSITIVE_INFINITY);
  client.destroy();
  return tally.lines();
}

function daysOf({ days = 30 }: DemoMonthOptions): number {
  return days;
}

/** The default of `hotDays`. */
const receivedDays = 90;

/** Has no clicks of the demo: the README's examples count their own. */
const untouchedLink = 'duckdb';

async function addPages({ catalog, url }: LocalStack, createdAt: number): Promise<TrackedPage[]> {
  const at = new Date(createdAt).toISOString();
  const tracked: TrackedPage[] = [];
  for (const page of demoPages) {
    await catalog.putPage(toCatalogPage(page, at, url));
    await catalog.importLinks(toCatalogLinks(page, at));
    const links = await catalog.getLinks(page.links.map(({ code }) => code));
    // As the demo lists them: the first gets the most clicks.
    const visited = page.links.filter(({ code }) => code !== untouchedLink);
    tracked.push({ page, links: visited.flatMap(({ code }) => links.find((link) => link.code === code) ?? []) });
  }
  return tracked;
}

/** Settles the days, detects their incidents, and forecasts. Returns false if it was stopped. */
async function settleMonth({ stack, signal }: DemoMonthOptions, end: number): Promise<boolean> {
  for (let state = ''; state !== 'done'; ) {
    if (signal.aborted) return false;
    const payload = { time: new Date().toISOString(), through: new Date(end).toISOString() };
    ({ state } = settleSummarySchema.parse(await stack.invoke(stack.outputs.SettleFunction, payload)));
    if (state === 'busy') await sleep(busyPauseMs);
  }
  const lastRun = Math.floor((end - alertsAt) / dayLength) * dayLength + alertsAt;
  for (let day = daysEvaluated; day >= 0; day -= 1) {
    if (signal.aborted) return false;
    await runAlerts(stack, 'daily', lastRun - day * dayLength);
  }
  await runAlerts(stack, 'forecast', lastRun);
  return true;
}

/** Another settle holds the lease. */
const busyPauseMs = 2_000;

/** 05:33 UTC: the pages' local days have settled, and they are forecast in their early morning. */
const alertsAt = 5.55 * hourLength;

/** The days before are the baseline of the first that is evaluated. */
const daysEvaluated = 12;

async function runAlerts({ invoke, outputs }: LocalStack, job: AlertJob, at: number): Promise<void> {
  await invoke(outputs.AlertsFunction, { job, time: new Date(at).toISOString() });
}
