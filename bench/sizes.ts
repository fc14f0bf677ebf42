/**
 * Measures the sizes that the cost model multiplies with prices, on traffic of the model's skew: a message,
 * a request line, a raw file by its rows, an hourly item, a claim and stored updates. Prints each with the value in core/cost/measured.ts.
 */
import { randomBytes } from 'node:crypto';
import { countEvents, type HourDelta } from '../core/aggregate/count-events.ts';
import { readEventColumns } from '../core/aggregate/event-columns.ts';
import { planGroup } from '../core/aggregate/steps.ts';
import { measured } from '../core/cost/measured.ts';
import { zipfShares } from '../core/cost/traffic.ts';
import { usualWorkload } from '../core/cost/workload.ts';
import { enrichEvent, unknownPage } from '../core/enrich/enrich-event.ts';
import { hmacKey } from '../core/visitors/hmac.ts';
import { createSalt } from '../core/visitors/identity.ts';
import { toParquet } from '../core/enrich/parquet-file.ts';
import { readMessage } from '../core/enrich/read-message.ts';
import type { EventRow } from '../schemas/event.ts';
import { entityHourKey } from '../schemas/counters.ts';
import { rawKey } from '../schemas/lake-keys.ts';
import { pack } from '../stores/counters/compressed-json.ts';
import { fileKeys } from '../stores/counters/counter-items.ts';
import { parseQueueEvent } from '../functions/enrich/queue-event.ts';
import { loadGeography } from '../stores/geography/geography-database.ts';
import { geographyFolder } from '../cli/geography-folder.ts';
import { table } from '../cli/table.ts';
import { createRandom, sqsEventText, trafficOf } from './enrich/traffic.ts';

/** An hour of 10 million clicks a month. */
const clicksOfHour = 13_700;
const hourStart = Date.UTC(2026, 10, 22, 7);

const random = createRandom(7);
const workload = usualWorkload(1e7);

const drawLink = drawer(workload.links);
const { visits } = trafficOf(process.argv[2]);

const salt = createSalt(hmacKey(randomBytes(32)));
const geography = await loadGeography({
  source: { directory: geographyFolder(), object: 'none' },
  readObject: () => Promise.reject(new TypeError('no object is configured')),
  warn: console.warn,
});
const context = { geography, settingsOf: () => unknownPage, saltOf: () => salt };

const messages = bodies(clicksOfHour);
const rows = rowsOf(messages);

const deltas = countEvents(await readEventColumns(toParquet(rows)));

/** Clicks of a group of rollup at 10 and at 100 million clicks a month. */
const [usualGroup, largeGroup] = [16, 153];
const minutes = /^v?m\./;
const counted = /^v?[bcdor]\./;
const grown = await growItems(rows, usualGroup);
const viewed = await growItems(withViews(rows), usualGroup);
const onOnePage = rows.map((row) => ({ ...row, page_path: '/viral', link_id: 'viral' }));
const viral = await growItems(withViews(onOnePage), largeGroup);

const enrichReport = { events: 13, failed: 0, reasons: {}, files: 1, bytes: 4_800, milliseconds: 52 };
const rollupReport = { transactions: 1, updates: 24, claimedBefore: 0, files: 1, rows: 13 };

const requestLine = JSON.stringify({
  message: 'request',
  id: '-4611686018427387904',
  at: hourStart,
  page: '/page42',
  link: 'link1234',
  campaign: null,
});

const refusedLine = JSON.stringify({
  message: 'request.refused',
  at: hourStart,
  rule: 'method.POST',
  count: 1,
  page: '/page42',
  link: 'link1234',
  campaign: null,
});

const small = fileBytes(1);
const large = fileBytes(200);
const rowBytes = (large - small) / 199;

console.log(
  table(
    ['bytes, or units, of', 'measured', 'in the model'],
    [
      ['a click message', whole(mean(messages.map((body) => Buffer.byteLength(body)))), whole(measured.messageBytes)],
      [
        'a request line, with the 26 of CloudWatch',
        whole(requestLine.length + 1 + 26),
        whole(measured.requestLineBytes),
      ],
      ['a line of a refused request', whole(refusedLine.length + 1 + 26), whole(measured.refusedLineBytes)],
      ['a raw file, fixed', whole(small - rowBytes), whole(measured.rawFile.fixedBytes)],
      ['a raw file, per row', rowBytes.toFixed(1), String(measured.rawFile.rowBytes)],
      ...[1, 5, 40, 200, 1000].map((size) => [
        `a raw file of ${size} rows`,
        whole(fileBytes(size)),
        whole(modelled(size)),
      ]),
      ['an hourly item of a link', whole(mean(itemsOf('link#'))), whole(measured.linkItemBytes)],
      ['an hourly item of a page', whole(mean(itemsOf('page#'))), whole(measured.pageItemBytes)],
      ['write units of a link update', grown.units('link#').toFixed(2), String(measured.linkItemUnits)],
      ['write units of a page update', grown.units('page#').toFixed(2), String(measured.pageItemUnits)],
      ['the same, its minutes in an item of their own', grown.units('page#', minutes).toFixed(2), ''],
      ['the same, its dimensions in an item of their own', grown.units('page#', counted).toFixed(2), ''],
      ['write units of a page with as many views', viewed.units('page#').toFixed(2), ''],
      ['the same, its minutes in an item of their own', viewed.units('page#', minutes).toFixed(2), ''],
      ['write units of a viral page with as many views', viral.units('page#').toFixed(2), ''],
      ['the same, its minutes in an item of their own', viral.units('page#', minutes).toFixed(2), ''],
      ['the same, its dimensions in an item of their own', viral.units('page#', counted).toFixed(2), ''],
      ['bytes of its item at the end of the hour', whole(viral.largest), ''],
      ["a log line of enrich's batch", whole(lineBytes('enrich', enrichReport)), whole(measured.enrichLogBytes)],
      ["a log line of rollup's group", whole(lineBytes('rollup', rollupReport)), whole(measured.rollupLogBytes)],
      [
        'a row of a whole hour, sorted as settle does',
        (toParquet(rows.toSorted(settledOrder)).byteLength / rows.length).toFixed(1),
        String(measured.settledRowBytes),
      ],
      ['the largest hourly item', whole(Math.max(...deltas.map(itemBytes))), ''],
      ["a raw file's claim", whole(claimBytes()), whole(measured.claimBytes)],
      ...(await Promise.all(
        [300, 1000, 10_000].map(async (size) => [
          `stored updates, per item of a group of ${whole(size)} rows`,
          (await storedBytes(size)).toFixed(1),
          String(measured.storedBytesPerItem),
        ]),
      )),
    ],
  ),
);

function drawer(count: number): () => number {
  const shares = zipfShares(count, workload.linkExponent);
  const cumulative = shares.reduce<number[]>((sums, share) => [...sums, (sums.at(-1) ?? 0) + share], []);
  return () => {
    const drawn = random();
    const found = cumulative.findIndex((sum) => drawn < sum);
    return found < 0 ? count - 1 : found;
  };
}

/** Builds message bodies, with clicks on links of the model's skew. */
function bodies(count: number): string[] {
  const chosen = Array.from({ length: count }, (_, index) => visits[index % visits.length] ?? visits[0]).flatMap(
    (visit) => visit ?? [],
  );
  return parseQueueEvent(JSON.parse(sqsEventText(chosen, hourStart, random))).map(({ body }, index) => {
    const link = drawLink();
    const at = hourStart + Math.floor((index / count) * 3_600_000);
    const named = {
      page: `/${nameOf(link % workload.pages)}`,
      link: nameOf(link),
      destination: `https://shop.example/products/${nameOf(link)}`,
    };
    const campaign = random() < workload.campaignShare ? nameOf(link % workload.campaigns) : null;
    return JSON.stringify({
      ...JSON.parse(body),
      ...named,
      campaign,
      title: `Product ${link}`,
      occurredAt: at,
      receivedAt: at,
    });
  });
}

/** Random names, which compress no better than real codes. */
function nameOf(number: number): string {
  return (Math.imul(number + 1, 2_654_435_761) >>> 0).toString(36);
}

function rowsOf(messages: readonly string[]): EventRow[] {
  return messages.map(
    (body, index) =>
      enrichEvent(readMessage({ messageId: String(index), body, sentAt: hourStart + 3_600_000 }), context).row,
  );
}

/** Returns the mean size of files with this number of rows, in the order of the hour. */
function fileBytes(size: number): number {
  const files = Math.min(40, Math.floor(rows.length / size));
  const starts = Array.from({ length: files }, (_, file) => Math.floor((file * rows.length) / files));
  return mean(starts.map((start) => toParquet(rows.slice(start, start + size)).byteLength));
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function modelled(size: number): number {
  return measured.rawFile.fixedBytes + measured.rawFile.rowBytes * size;
}

function itemsOf(kind: string): number[] {
  return deltas.filter(({ entity }) => entity.startsWith(kind)).map(itemBytes);
}

/** DynamoDB bills names and values; a number takes a byte for two digits, and one more. Counts keys and expiry. */
function itemBytes({ entity, hour, add }: HourDelta): number {
  const numbers = Object.entries(add).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Math.ceil(String(value).length / 2) + 1,
    0,
  );
  return `pk${entity}skh#${hour}expires`.length + 6 + numbers;
}

/** Returns rows of which every second is a view of its page. */
function withViews(events: readonly EventRow[]): EventRow[] {
  return events.map((row, at) => (at % 2 === 0 ? row : { ...row, event_type: 'page_view', link_id: null }));
}

/**
 * Adds the rows to items group by group, as rollup does. Each update is billed by the size that its item has then.
 * @returns the mean units of an update; also if the counters of some names were in an item of their own
 */
async function growItems(events: readonly EventRow[], group: number) {
  const items = new Map<string, HourDelta>();
  const updates: { item: HourDelta; names: readonly string[] }[] = [];
  for (let at = 0; at < events.length; at += group)
    for (const delta of countEvents(await readEventColumns(toParquet(events.slice(at, at + group))))) {
      const key = entityHourKey(delta);
      const add = { ...items.get(key)?.add };
      for (const [name, value] of Object.entries(delta.add)) add[name] = (add[name] ?? 0) + value;
      items.set(key, { ...delta, add });
      updates.push({ item: { ...delta, add }, names: Object.keys(delta.add) });
    }
  function unitsOf({ item, names }: (typeof updates)[number], apart: RegExp): number {
    return [true, false].reduce((sum, isApart) => {
      if (!names.some((name) => apart.test(name) === isApart)) return sum;
      const add = Object.fromEntries(Object.entries(item.add).filter(([name]) => apart.test(name) === isApart));
      return sum + Math.ceil(itemBytes({ ...item, add }) / 1024);
    }, 0);
  }
  return {
    units: (kind: string, apart = /^$/) =>
      mean(updates.filter(({ item }) => item.entity.startsWith(kind)).map((update) => unitsOf(update, apart))),
    largest: Math.max(...[...items.values()].map(itemBytes)),
  };
}

/** Returns the bytes of a log line in CloudWatch: with the line break, the 26 of each event, and the id that Lambda adds. */
function lineBytes(service: string, report: object): number {
  const line = {
    level: 'INFO',
    message: 'files counted',
    timestamp: '2026-11-22T07:00:00.000Z',
    service,
    sampling_rate: 0,
    xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793',
    ...report,
  };
  return JSON.stringify(line).length + 1 + 26;
}

function settledOrder(a: EventRow, b: EventRow): number {
  return a.page_path === b.page_path
    ? a.link_id === b.link_id
      ? a.occurred_at - b.occurred_at
      : compareText(a.link_id, b.link_id)
    : compareText(a.page_path, b.page_path);
}

function compareText(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

/** As `itemBytes`: names, the two keys, the leader's key and the expiry. */
function claimBytes(): number {
  const key = rawKey({ dt: '2026-11-22', hr: '07' }, '0'.repeat(26), 200);
  const { pk, sk } = fileKeys.claim(key);
  return `pk${pk}sk${sk}leader${key}expires`.length + 6;
}

/** Returns the bytes per item of the updates that a group of the first rows stores for its later transactions. */
async function storedBytes(size: number): Promise<number> {
  const some = countEvents(await readEventColumns(toParquet(rows.slice(0, size))));
  const { later } = planGroup(some, 5) ?? { later: [] };
  return later.reduce((sum, steps) => sum + pack(steps).byteLength, 0) / later.flat().length;
}
