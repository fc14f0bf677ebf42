/**
 * Measures the lake with one day of events: settle times, sizes and scanned bytes. Prints each number with its limit, at
 * 0.1 and at 1 million events (or those given: `npm run bench -- lake 200000`).
 */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { toParquet } from '../core/enrich/parquet-file.ts';
import { settle } from '../jobs/settle/settle.ts';
import type { EventRow } from '../schemas/event.ts';
import { rawKey, rawPrefix } from '../schemas/lake-keys.ts';
import { settledTables } from '../schemas/lake-tables.ts';
import { agencyTotals } from '../stores/lake/lake-queries.ts';
import type { SettledRollups } from '../stores/counters/settled-counters.ts';
import { eventRow } from '../test/raw-file.ts';
import { bucket } from '../test/lake/start-lake.ts';
import { createWorld, type Servers, startServers, type World } from '../test/lake/settle-world.ts';

const day = '2026-11-22';
const pages = 200;
const links = 5000;
const rowsPerFile = 1000;

const random = mulberry(7);

const visitors = Array.from({ length: 120_000 }, bits);
const countries = ['US', 'DE', 'AT', 'FR', 'IN', 'BR', 'JP', 'GB'];
const cities = Array.from({ length: 300 }, (_, at) => `City ${at}`);
const browsers = ['Chrome', 'Safari', 'Firefox', 'Edge', 'Instagram', 'Mobile Safari'];
const hosts = [null, null, 'google.com', 'instagram.com', 'tiktok.com', 'example.org'];

const clicksOfVisit = 1.5;

/** An entity's day, its top lists, and its day in the month. */
const itemsOfDay = 3;

interface Numbers {
  events: number;
  settleHour: number;
  settleDate: number;
  /** Seconds of `settleDate` in which items of days, top lists and months were written, and how many. */
  writeItems: number;
  items: number;
  rawBytes: number;
  settledBytes: number;
  rawScan: number;
  viewScan: number;
  agencyMilliseconds: number;
}

const sizes = process.argv.slice(2).map(Number);
const servers = await startServers();
const all: Numbers[] = [];
for (const events of sizes.length > 0 ? sizes : [100_000, 1_000_000]) {
  const numbers = await measure(servers, events);
  show(numbers);
  all.push(numbers);
}
const [small, large] = all;
if (small && large) {
  console.log(
    `\ngrowth from ${small.events.toLocaleString('en')} to ${large.events.toLocaleString('en')} events (×${growth('events', small, large)})`,
  );
  for (const name of ['settleHour', 'settleDate', 'settledBytes', 'viewScan', 'rawScan', 'agencyMilliseconds'] as const)
    console.log(`  ${name.padEnd(46)} ×${growth(name, small, large)}`);
}
await servers.stop();

function growth(name: keyof Numbers, small: Numbers, large: Numbers): string {
  return (large[name] / small[name]).toFixed(1);
}

function mulberry(seed: number) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function bits(): bigint {
  return BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 53)) * 2654435761n * 40503n);
}

function at(time: string): { time: number } {
  return { time: Date.parse(time) };
}

async function measure(servers: Servers, events: number): Promise<Numbers> {
  // As the local stack: `local/stack.ts`.
  const world = await createWorld(servers, ['UTC'], { entitiesAtOnce: 25 });
  await writeDay(world, events);
  await settle(world.deps, at(`${day}T12:11:00Z`));
  const settleHour = await seconds(() => settle(world.deps, at(`${day}T13:11:00Z`)));
  await settle(world.deps, at(`${day}T23:11:00Z`));
  let writeItems = 0;
  let items = 0;
  const rollups: SettledRollups = {
    ...world.deps.rollups,
    writeDays: async (days, run) => {
      items += days.length * itemsOfDay;
      writeItems += await seconds(() => world.deps.rollups.writeDays(days, run));
    },
  };
  const settleDate = await seconds(() => settle({ ...world.deps, rollups }, at('2026-11-23T00:11:00Z')));
  const raw = await world.deps.athena.statement(pageQuery('raw'));
  const views = await world.deps.athena.statement(pageQuery('views'));
  const times = [];
  for (let round = 0; round < 5; round++) times.push((await agency(world)).report.milliseconds);
  return {
    events,
    settleHour,
    settleDate,
    writeItems,
    items,
    rawBytes: await bytesUnder(world, rawPrefix),
    settledBytes: await bytesUnder(world, settledTables.events.prefix),
    rawScan: raw.report.bytes,
    viewScan: views.report.bytes,
    agencyMilliseconds: median(times),
  };
}

/** Writes raw files like enrich, with 1,000 events each. */
async function writeDay(world: World, events: number): Promise<void> {
  const perHour = Math.round(events / 24);
  let files = 0;
  for (let hour = 0; hour < 24; hour++) {
    const all = hourOfEvents(Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000, perHour);
    for (let from = 0; from < all.length; from += rowsPerFile) {
      const rows = all.slice(from, from + rowsPerFile);
      const key = rawKey(
        { dt: day, hr: String(hour).padStart(2, '0') },
        String(files++).padStart(26, '0'),
        rows.length,
      );
      await world.lake.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: toParquet(rows) }));
    }
  }
}

/** Events of one hour in order of arrival. */
function hourOfEvents(start: number, count: number): EventRow[] {
  const events: EventRow[] = [];
  while (events.length < count) {
    const visit = visitAt(start + random() * 3_500_000);
    events.push(eventOf(visit, Math.floor(visit.start), true));
    const clicks = Math.round(random() * 2 * clicksOfVisit);
    for (let click = 1; click <= clicks && events.length < count; click++)
      events.push(
        eventOf(visit, Math.floor(Math.min(visit.start + click * 30_000 * random(), start + 3_599_999)), false),
      );
  }
  return events.toSorted((a, b) => a.occurred_at - b.occurred_at);
}

/** Creates a visit to a page: a view, then up to three clicks within a few minutes. */
interface Visit {
  start: number;
  page: number;
  visitor: bigint;
  shared: Partial<EventRow>;
}

function visitAt(start: number): Visit {
  const host = pick(hosts);
  return {
    start,
    page: skewed(pages),
    visitor: pick(visitors),
    shared: {
      country: pick(countries),
      city: pick(cities),
      asn: 64_512 + skewed(500),
      device_type: random() < 0.7 ? 'mobile' : 'desktop',
      browser: pick(browsers),
      referrer_host: host,
      referrer_class: host === null ? 'direct' : 'social',
      language: pick(['en-US', 'de-AT', 'fr-FR']),
      outcome: random() < 0.08 ? 'bot' : 'counted',
    },
  };
}

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** Returns mostly small numbers. */
function skewed(count: number): number {
  return Math.floor(count * random() ** 3);
}

function eventOf({ page, visitor, shared }: Visit, at: number, isView: boolean): EventRow {
  const hour = new Date(at).toISOString();
  const link = page + pages * skewed(links / pages);
  return eventRow({
    ...shared,
    event_id: bits(),
    event_type: isView ? 'page_view' : 'link_click',
    occurred_at: at,
    received_at: at,
    local_hour: `${hour.slice(0, 13)}+00:00`,
    local_date: hour.slice(0, 10),
    page_path: `/page-${page}`,
    link_id: isView ? null : `link${link}`,
    destination_url: isView ? null : `https://shop.example/products/${link}`,
    visitor_id: visitor,
    repeat_key: bits(),
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function pageQuery(table: 'raw' | 'views'): string {
  return table === 'views'
    ? `SELECT hour, views, clicks, unique_visitors FROM hourly_traffic
       WHERE dt BETWEEN '2026-11-16' AND '${day}' AND page_path = '/page-3' ORDER BY 1`
    : `SELECT date_trunc('hour', occurred_at), count_if(event_type = 'page_view'), count_if(event_type = 'link_click'),
         count(DISTINCT visitor_id)
       FROM raw_events
       WHERE dt BETWEEN '2026-11-16' AND '${day}' AND page_path = '/page-3' AND outcome = 'counted'
       GROUP BY 1 ORDER BY 1`;
}

function agency(world: World) {
  return world.deps.athena.rows(agencyTotals, {
    first_dt: '2026-11-21',
    last_dt: '2026-11-23',
    from: day,
    to: day,
    pages: Array.from({ length: 100 }, (_, at) => `/page-${at}`),
  });
}

async function bytesUnder(world: World, prefix: string): Promise<number> {
  return (await world.deps.files.list(prefix)).reduce((sum, { size }) => sum + size, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function show(numbers: Numbers): void {
  const { events, rawBytes, settledBytes, rawScan, viewScan } = numbers;
  function percent(part: number, whole: number): string {
    return `${((100 * part) / whole).toFixed(1)} %`;
  }
  const lines: [string, string, string][] = [
    ['settle of hour 12, with its counters', `${numbers.settleHour.toFixed(1)} s`, '≤ 10 s (aim 5)'],
    ['settle of the last hour and the date', `${numbers.settleDate.toFixed(1)} s`, ''],
    [`  of it ${numbers.items.toLocaleString('en')} items to the table`, `${numbers.writeItems.toFixed(1)} s`, ''],
    ['settled bytes by raw bytes', percent(settledBytes, rawBytes), '≤ 75 %'],
    ['bytes per settled event', (settledBytes / events).toFixed(1), 'aim 25'],
    ['bytes per raw event', (rawBytes / events).toFixed(1), ''],
    ['one page through the views by raw, scanned', percent(viewScan, rawScan), '≤ 5 % (aim 2)'],
    ['agency query over 100 pages', `${numbers.agencyMilliseconds.toFixed(0)} ms`, '≤ 1,000 ms'],
  ];
  console.log(`\n${events.toLocaleString('en')} events, ${links} links, ${pages} pages, one day`);
  for (const [name, value, goal] of lines) console.log(`  ${name.padEnd(46)} ${value.padStart(10)}  ${goal}`);
}
