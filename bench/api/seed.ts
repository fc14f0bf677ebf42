import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createGzip } from 'node:zlib';
import { localTimeOf } from '../../core/enrich/local-time.ts';
import { addDays, startOfDate } from '../../core/ledger/time-range.ts';
import { linkSchema, pageSchema } from '../../schemas/catalog.ts';
import { entityKeys, topListLength } from '../../schemas/counters.ts';
import { forEachConcurrently } from '../../stores/dynamodb/rounds.ts';
import { expiryAttribute } from '../../schemas/tables.ts';
import {
  dayKey,
  finalAttribute,
  finalRunAttribute,
  hourKey,
  monthAttribute,
  monthDayText,
  monthKey,
  openDayKey,
  openHourAttribute,
  openHourText,
  packedAttribute,
  progressKeys,
  receivedKey,
  topListsKey,
} from '../../stores/counters/counter-items.ts';
import type { Campaigns } from '../../stores/catalog/campaigns.ts';
import type { CatalogAdmin } from '../../stores/catalog/catalog-admin.ts';
import { pack } from '../../stores/counters/compressed-json.ts';

/** Data of the bench: pages with and without an agency, their links and counters. */
export interface World {
  pages: number;
  agencyPages: number;
  links: number;
  days: number;
  /** More links of the first page, all of one campaign. */
  campaignLinks: number;
  /** Campaigns with their label: the same numbers, each with a cache of its own. */
  campaigns: number;
  /** Milliseconds since the epoch. */
  now: number;
  settledThrough: number;
}

export async function seedCatalog(catalog: CatalogAdmin, world: World): Promise<void> {
  const at = '2026-01-01T00:00:00Z';
  for (let page = 0; page < world.pages; page++) {
    const agency = page < world.agencyPages ? 'big' : null;
    const path = pathOf(page);
    await catalog.createPage(
      pageSchema.parse({ path, title: `Page ${page}`, timeZone: zoneOf(page), agency, createdAt: at, updatedAt: at }),
    );
  }
  const links = Array.from({ length: world.links + world.campaignLinks }, (_, link) =>
    linkSchema.parse({
      id: codeOf(link),
      code: codeOf(link),
      page: pathOf(link < world.links ? link % world.pages : 0),
      campaign: link < world.links ? null : campaignLabel,
      url: `https://shop.example/${link}`,
      title: `Link ${link}`,
      createdAt: at,
      updatedAt: at,
    }),
  );
  await forEachConcurrently(links, 16, async (link) => void (await catalog.putLink(link)));
  await catalog.createUser({ subject: 'admin', email: null, role: 'admin', agency: null, pages: [] });
}

const campaignLabel = 'launch';

/** Stores the campaigns, of all days. */
export async function seedCampaigns(campaigns: Campaigns, world: World): Promise<void> {
  const today = localTimeOf(zoneOf(0), world.now).date;
  const at = '2026-01-01T00:00:00Z';
  for (let campaign = 0; campaign < world.campaigns; campaign++)
    await campaigns.create({
      id: campaignId(campaign),
      page: pathOf(0),
      agency: null,
      name: `Launch ${campaign}`,
      label: campaignLabel,
      from: addDays(today, 1 - world.days),
      to: today,
      utm: {},
      budget: { minor: 100_000, currency: 'EUR' },
      goal: { of: 'clicks', target: 100_000 },
      metric: null,
      note: '',
      public: false,
      createdAt: at,
      updatedAt: at,
    });
}

export function campaignId(campaign: number): string {
  return `c${campaign}`;
}

export function pathOf(page: number): string {
  return `/p${page}`;
}

const zones = ['UTC', 'Europe/Vienna', 'Asia/Kolkata', 'America/New_York'] as const;

function zoneOf(page: number): string {
  return zones[page % zones.length] ?? 'UTC';
}

function codeOf(link: number): string {
  return `l${link}`;
}

type Item = Record<string, unknown>;

/** Lines in one write. */
const together = 1_000;

/** Writes the counters as DynamoDB exports a table: one item a line, gzipped. @returns items written */
export async function exportRollups(world: World, file: string): Promise<number> {
  const gzip = createGzip({ level: 1 });
  const stored = gzip.pipe(createWriteStream(file));
  let written = 0;
  let lines = '';
  async function flush(): Promise<void> {
    if (!gzip.write(lines)) await once(gzip, 'drain');
    lines = '';
  }
  for (const item of rollupItems(world)) {
    lines += `${JSON.stringify({ Item: attributesOf(item) })}\n`;
    written += 1;
    if (written % together === 0) await flush();
  }
  await flush();
  gzip.end();
  await once(stored, 'finish');
  return written;
}

/** Days of a page with items for every hour, as a report by hour reads them. */
const fullHourDays = 31;

function* rollupItems(world: World): Generator<Item> {
  for (let page = 0; page < world.pages; page++) {
    const pk = entityKeys.page(pathOf(page));
    yield* dayItems(world, pk, zoneOf(page), page, true);
    // Other pages have only their open hours, because all hours would need 3 GB of memory.
    yield* hoursOf(world, pk, zoneOf(page), page, page < 10 ? fullHourDays : 2);
  }
  for (let link = 0; link < world.links; link++) {
    const pk = entityKeys.link(codeOf(link));
    const zone = zoneOf(link % world.pages);
    yield* dayItems(world, pk, zone, link, false);
    yield* openHours(world, pk, zone, link);
  }
  yield* campaignItems(world);
  for (let link = world.links; link < world.links + world.campaignLinks; link++)
    yield* openHours(world, entityKeys.link(codeOf(link)), zoneOf(0), link);
  yield { ...progressKeys.settled, at: new Date(world.settledThrough).toISOString() };
  yield { ...progressKeys.received, at: new Date(world.now - 15 * 60_000).toISOString() };
}

/** The run that settled everything. */
const run = '01KAPZ8Q4S3W4F1V6Z0XQH2N7R';

function* dayItems(world: World, pk: string, zone: string, seed: number, wide: boolean): Generator<Item> {
  const months = new Map<string, Item>();
  let day = 0;
  for (const date of settledDays(world, zone)) {
    const views = wide ? 1200 + Math.floor(chance(seed, day) * 1500) : 0;
    const clicks = wide ? Math.floor(views / 3) : Math.floor(chance(seed, day) * 30);
    const numbers = { views, clicks, ...people(views + clicks), ...(wide ? dimensions(views, clicks) : {}) };
    yield { pk, sk: dayKey(date), [packedAttribute]: pack(numbers), [finalRunAttribute]: run };
    if (wide) yield { pk, sk: topListsKey(date), [packedAttribute]: pack(tops(seed, day)), [finalRunAttribute]: run };
    const month = months.get(monthKey(date)) ?? { pk, sk: monthKey(date) };
    months.set(monthKey(date), { ...month, [monthAttribute(date)]: monthDayText(run, numbers) });
    day += 1;
  }
  yield* months.values();
}

/** Days and months of the campaign, with clicks on each of its links every day. */
function* campaignItems(world: World): Generator<Item> {
  const pk = entityKeys.campaign(pathOf(0), campaignLabel);
  const months = new Map<string, Item>();
  for (const date of settledDays(world, zoneOf(0))) {
    const byLink = Array.from({ length: world.campaignLinks }, (_, link): [string, number] => [
      `l.${codeOf(world.links + link)}`,
      1 + Math.floor(chance(link, Date.parse(date) / 86_400_000) * 30),
    ]);
    const clicks = byLink.reduce((sum, [, count]) => sum + count, 0);
    const second = Date.parse(date) / 1000;
    const numbers = {
      clicks,
      visitors: Math.ceil(clicks / 2),
      first: second,
      last: second + 80_000,
      ...Object.fromEntries(byLink),
      ...split('c', countries, clicks),
      ...split('d', devices, clicks),
      ...split('r', referrers, clicks),
      'x.bot': Math.ceil(clicks / 5),
    };
    yield { pk, sk: dayKey(date), [packedAttribute]: pack(numbers), [finalRunAttribute]: run };
    const text = monthDayText(run, { views: 0, clicks, visitors: numbers.visitors, sessions: 0 });
    const month = months.get(monthKey(date)) ?? { pk, sk: monthKey(date) };
    months.set(monthKey(date), { ...month, [monthAttribute(date)]: text });
  }
  yield* months.values();
}

function* settledDays(world: World, zone: string): Generator<string> {
  const today = localTimeOf(zone, world.now).date;
  const settled = localTimeOf(zone, world.settledThrough).date;
  for (let date = addDays(today, 1 - world.days); date < settled; date = addDays(date, 1)) yield date;
}

/** Returns a number that looks random and is the same in every run. */
function chance(...seeds: number[]): number {
  const mixed = seeds.reduce((sum, seed) => (Math.imul(sum ^ seed, 2654435761) + 97) >>> 0, 17);
  return mixed / 2 ** 32;
}

function people(views: number) {
  return {
    visitors: Math.ceil(views / 2),
    sessions: Math.ceil(views / 1.8),
    bounces: Math.ceil(views / 4),
    milliseconds: views * 20_000,
  };
}

const countries = ['AT', 'DE', 'US', 'GB', 'FR', 'IT', 'ES', 'PL', 'IN', 'BR', 'JP', 'CH'];

const devices = ['mobile', 'desktop', 'tablet'];

const browsers = ['Chrome', 'Safari', 'Firefox', 'Instagram', 'Edge', 'Samsung Internet'];

const systems = ['iOS', 'Android', 'Windows', 'macOS', 'Linux'];

const referrers = ['direct', 'search', 'social', 'email', 'ai', 'other'];

function dimensions(views: number, clicks: number): Record<string, number> {
  return {
    ...split('vc', countries, views),
    ...split('c', countries, clicks),
    ...split('vd', devices, views),
    ...split('d', devices, clicks),
    ...split('vb', browsers, views),
    ...split('b', browsers, clicks),
    ...split('vo', systems, views),
    ...split('o', systems, clicks),
    ...split('vr', referrers, views),
    ...split('r', referrers, clicks),
    'x.bot': Math.ceil(views / 5),
    'x.preview': Math.ceil(clicks / 9),
    'x.duplicate': Math.ceil(clicks / 40),
  };
}

function split(prefix: string, values: readonly string[], total: number): Record<string, number> {
  return Object.fromEntries(values.map((value, at) => [`${prefix}.${value}`, Math.ceil(total / (at + 2))]));
}

/** Lengths of the top lists of a page with 1,500 views a day: full for cities, hosts and links, short for the rest. */
const listLengths = {
  city: topListLength,
  host: 12,
  link: topListLength,
  utm_source: 5,
  utm_medium: 3,
  utm_campaign: 4,
  language: 10,
  entry_referrer: 10,
  entry_page: 1,
} as const;

function tops(page: number, day: number): Record<string, [string, number, number][]> {
  return Object.fromEntries(
    Object.entries(listLengths).map(([name, length]) => [
      name,
      Array.from({ length }, (_, at): [string, number, number] => [
        name === 'link' ? codeOf(page + 200 * at) : `${name} ${(at + page + day) % 60}, AT`,
        50 - at,
        100 - at,
      ]),
    ]),
  );
}

const hourLength = 3_600_000;

/** After the end of the bench, so that nothing has expired. */
const expires = { [expiryAttribute]: 4_000_000_000 };

function* hoursOf(world: World, pk: string, zone: string, seed: number, days: number): Generator<Item> {
  const openDays = new Map<string, Item>();
  const first = startOfDate(addDays(localTimeOf(zone, world.now).date, 1 - days), zone);
  for (let start = first; start <= world.now; start += hourLength) {
    const settled = start + hourLength <= world.settledThrough;
    const { hour, date } = localTimeOf(zone, start);
    const { counts, counters, received } = hourItems(pk, hour, start, seed, settled);
    yield counters;
    yield received;
    if (!settled) continue;
    const noted = { [openHourAttribute(hour)]: openHourText(run, counts) };
    openDays.set(date, { ...(openDays.get(date) ?? { pk, sk: openDayKey(date), ...expires }), ...noted });
  }
  yield* openDays.values();
}

/** An hour with the counts of rollup, receipts and settle. */
function hourItems(pk: string, hour: string, start: number, page: number, settled: boolean) {
  const views = 20 + Math.floor(chance(page, start / hourLength) * 100);
  const clicks = Math.floor(views / 3);
  const counts = { views, clicks, ...dimensions(views, clicks) };
  const counters: Item = {
    pk,
    sk: hourKey(hour),
    ...counts,
    ...minutes(start / hourLength, page),
    ...(settled && { [finalAttribute]: counts, [finalRunAttribute]: run }),
    ...expires,
  };
  const received: Item = { pk, sk: receivedKey(hour), ...windows(start, Math.ceil(views * 1.7)), ...expires };
  return { counts, counters, received };
}

function minutes(hour: number, page: number): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: 60 }, (_, minute) => minute)
      .filter((minute) => chance(page, hour, minute) > 0.3)
      .flatMap((minute) => {
        const name = String(minute).padStart(2, '0');
        return [
          [`vm.${name}`, 2],
          [`m.${name}`, 1],
        ];
      }),
  );
}

function windows(start: number, requests: number): Record<string, number> {
  return Object.fromEntries(
    [0, 15, 30, 45].map((minute) => [
      `${new Date(start + minute * 60_000).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}`,
      Math.ceil(requests / 4),
    ]),
  );
}

/** A link's open hours, with a few clicks in some of them. */
function* openHours(world: World, pk: string, zone: string, seed: number): Generator<Item> {
  const first = startOfDate(localTimeOf(zone, world.settledThrough).date, zone);
  for (let start = first; start <= world.now; start += hourLength)
    if (chance(seed, start / hourLength) > 0.5)
      yield { pk, sk: hourKey(localTimeOf(zone, start).hour), clicks: 1 + (seed % 5), 'c.AT': 1, 'd.mobile': 1 };
}

function attributesOf(item: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeOf(value)]));
}

/** Encodes a value as DynamoDB does in JSON. */
function attributeOf(value: unknown): unknown {
  if (typeof value === 'number') return { N: String(value) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  return typeof value === 'object' && value !== null ? { M: attributesOf(value) } : { S: String(value) };
}
