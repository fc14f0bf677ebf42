import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { countReceived, createRequestTally } from '#core/ledger/received.ts';
import { lastClosableEnd } from '#core/settle/closing.ts';
import { hourAt } from '#core/settle/hours.ts';
import { dayLength, hourLength } from '#core/time.ts';
import { ulidOf } from '#core/ulid.ts';
import type { AlertJob } from '#schemas/alerts.ts';
import { settleSummarySchema } from '#schemas/lake-jobs.ts';
import { createCampaigns } from '#stores/catalog/campaigns.ts';
import { createReceivedStore } from '#stores/counters/received-counts.ts';
import type { LocalStack } from '../stack.ts';
import { funnelSchema } from '#schemas/api/insights/funnels.ts';
import { newMetric } from '#core/metrics/versions.ts';
import { metricSchema, newMetricSchema } from '#schemas/insights/metrics.ts';
import { createSavedRecords } from '#stores/catalog/saved-records.ts';
import { demoCampaign, type DemoPage, demoPages, toCatalogLinks, toCatalogPage } from './demo-pages.ts';
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
    log(`Demo: six pages get traffic since ${hourAt(end - daysOf(options) * dayLength).dt}…`);
    const events = await writeMonth(options, end);
    if (signal.aborted) return;
    log(`Demo: ${events.toLocaleString('en-US')} events are counted. Settling their days…`);
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
  await addCampaign(stack, end, days);
  const zones = new Map(pages.map(({ page }) => [page.path, page.timeZone]));
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const backoff = { now: Date.now, sleep, random: Math.random };
  const table = stack.outputs.RollupsTable;
  const received = createReceivedStore({ client, table, backoff, hotDays, countsAtOnce: 100 });
  const hours = openHours(stack, pages, { hotDays });
  const traffic = Map.groupBy(generateTraffic(pages, { end, days }), ({ start }) => hourAt(start).dt);
  let events = 0;
  let settled = Promise.resolve(true);
  for (const [at, [dt, date]] of [...traffic].entries()) {
    if (signal.aborted) break;
    await hours.writeDate(dt, date, end);
    const tally = createRequestTally();
    for (const { id, occurredAt, page, link } of date.flatMap(({ messages }) => messages))
      tally.add({ id, at: occurredAt, page, link });
    const counts = countReceived(tally.finish(), (page) => zones.get(page) ?? 'UTC');
    await received.setCounts(`demo-${dt}`, counts, Number.POSITIVE_INFINITY);
    events += tally.lines();
    if ((at + 1) % datesAtOnce > 0) continue;
    // Beside the next dates.
    settled = settled.then(() => settleThrough(options, Date.parse(dt) + dayLength));
    settled.catch(() => undefined);
  }
  hours.close();
  client.destroy();
  await settled;
  return events;
}

function daysOf({ days = 30 }: DemoMonthOptions): number {
  return days;
}

/** Dates that settle while the next ones are written. */
const datesAtOnce = 8;

/** The default of the setting. */
const hotDays = 90;

/** Has no clicks of the demo: the README's examples count their own. */
const untouchedLink = 'duckdb';

async function addPages(stack: LocalStack, createdAt: number): Promise<TrackedPage[]> {
  const { catalog, url } = stack;
  const at = new Date(createdAt).toISOString();
  const tracked: TrackedPage[] = [];
  for (const page of demoPages) {
    await catalog.putPage(toCatalogPage(page, at, url));
    await catalog.importLinks(toCatalogLinks(page, at));
    await addSaved(stack, page, at);
    const links = await catalog.getLinks(page.links.map(({ code }) => code));
    // As the demo lists them: the first gets the most clicks.
    const visited = page.links.filter(({ code }) => code !== untouchedLink);
    tracked.push({ page, links: visited.flatMap(({ code }) => links.find((link) => link.code === code) ?? []) });
  }
  return tracked;
}

/** Describes the campaign of a page's links that has run for two thirds of the month. The demo may add it again. */
async function addCampaign(stack: LocalStack, end: number, days: number): Promise<void> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const campaigns = createCampaigns({ client, table: stack.outputs.CatalogTable });
  const at = new Date(end).toISOString();
  const { page, ...campaign } = demoCampaign;
  if ((await campaigns.list(page)).length === 0)
    await campaigns.create({
      ...campaign,
      id: ulidOf(end, new Uint8Array(16)),
      page,
      agency: null,
      from: hourAt(end - Math.floor((days * 2) / 3) * dayLength).dt,
      to: hourAt(end + Math.floor(days / 3) * dayLength).dt,
      createdAt: at,
      updatedAt: at,
    });
  client.destroy();
}

/** Adds the same funnels and metrics at every start: an interrupted demo adds its pages again. */
async function addSaved(
  { clientOptions, outputs }: LocalStack,
  { path: page, funnels = [], metrics = [] }: DemoPage,
  since: string,
): Promise<void> {
  const client = new DynamoDBClient(clientOptions('dynamodb'));
  const catalog = { client, table: outputs.CatalogTable };
  const savedFunnels = createSavedRecords({ ...catalog, kind: 'funnel', schema: funnelSchema });
  for (const [at, funnel] of funnels.entries()) await savedFunnels.put(page, { id: `demo-${at}`, ...funnel });
  const savedMetrics = createSavedRecords({ ...catalog, kind: 'metric', schema: metricSchema });
  for (const [at, metric] of metrics.entries())
    await savedMetrics.put(page, newMetric(`demo-${at}`, newMetricSchema.parse(metric), since));
  client.destroy();
}

/** Settles the days, detects their incidents, and forecasts. Returns false if it was stopped. */
async function settleMonth(options: DemoMonthOptions, end: number): Promise<boolean> {
  const { stack, signal, log } = options;
  if (!(await settleThrough(options, end))) return false;
  log('Demo: the days have settled. Looking for alerts…');
  const lastRun = Math.floor((end - alertsAt) / dayLength) * dayLength + alertsAt;
  for (let day = daysEvaluated; day >= 0; day -= 1) {
    if (signal.aborted) return false;
    await runAlerts(stack, 'daily', lastRun - day * dayLength);
  }
  await runAlerts(stack, 'forecast', lastRun);
  return true;
}

/** Returns false if it was stopped. @param end milliseconds since the epoch, on a full hour */
async function settleThrough({ stack, signal }: DemoMonthOptions, end: number): Promise<boolean> {
  for (let state = ''; state !== 'done'; ) {
    if (signal.aborted) return false;
    const payload = { time: new Date().toISOString(), through: new Date(end).toISOString() };
    ({ state } = settleSummarySchema.parse(await stack.invoke(stack.outputs.SettleFunction, payload)));
    if (state === 'busy') await sleep(busyPauseMs);
  }
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
