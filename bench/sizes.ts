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
      ['write units of a link update', unitsOf(['link#']).toFixed(2), String(measured.linkItemUnits)],
      ['write units of a page update', unitsOf(['page#']).toFixed(2), String(measured.pageItemUnits)],
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

/**
 * DynamoDB bills names and values; a number of up to 4 digits takes 3 bytes. Counts four windows of received and the
 * expiry.
 */
function itemBytes({ entity, hour, add }: HourDelta): number {
  return (
    entity.length +
    'h#'.length +
    hour.length +
    4 +
    Object.keys(add).reduce((sum, name) => sum + name.length + 3, 0) +
    4 * (15 + 3) +
    7 +
    6
  );
}

/** Returns the mean write units of an update, weighted by clicks, because the busiest items are the largest. */
function unitsOf(kinds: readonly string[]): number {
  const items = deltas.filter(({ entity }) => kinds.some((kind) => entity.startsWith(kind)));
  function clicks(item: HourDelta): number {
    return item.add['clicks'] ?? 0;
  }
  const units = items.reduce((sum, item) => sum + clicks(item) * Math.ceil(itemBytes(item) / 1024), 0);
  return units / items.reduce((sum, item) => sum + clicks(item), 0);
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
