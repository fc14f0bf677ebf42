import { priceReceipts, priceSettle } from './jobs.ts';
import { measured } from './measured.ts';
import { viewerRequests, viewersBill } from './viewers.ts';
import { dollars, lambdaDollars } from './prices.ts';
import { maxActions } from '../aggregate/steps.ts';
import { pollersOf, stackShape, taken } from './stack-shape.ts';
import {
  dayOfRates,
  daysPerMonth,
  emptyReceives,
  expectedDistinct,
  hoursPerMonth,
  messagesPerBatch,
  missShare,
  perMonth,
  secondsPerMonth,
  zipfShares,
} from './traffic.ts';
import type { Workload } from './workload.ts';

/** Quantities of one hour of the day, derived from its rate, to multiply by prices. */
export interface HourOfTraffic {
  /** Clicks per second. */
  readonly rate: number;
  /** B: clicks per enrich invocation, which equals rows per raw file. */
  readonly clicksPerBatch: number;
  readonly filesPerBatch: number;
  /** Raw files per second. */
  readonly fileRate: number;
  /** Raw files that rollup adds together, and groups per second. */
  readonly filesPerGroup: number;
  readonly groupRate: number;
  /** Distinct counters that one group updates. */
  readonly itemsPerGroup: number;
  readonly transactionsPerGroup: number;
  /** Bytes of the updates that a group stores for its later transactions. */
  readonly storedBytesPerGroup: number;
  /** Write units of one group; writes in a transaction count twice. */
  readonly writeUnitsPerGroup: number;
  /** Share of redirects that read the catalog. */
  readonly linkReads: number;
  /** Distinct entities of this hour, and write units of one receipts window. */
  readonly active: Distinct;
  readonly receiptsPerWindow: number;
}

export const componentNames = [
  'CloudFront',
  'redirect function',
  'logs',
  'queues',
  'enrich function',
  'rollup function',
  'DynamoDB writes',
  'DynamoDB reads',
  'DynamoDB storage',
  'S3 requests',
  'S3 storage',
  'settle',
  'receipts',
  'canary',
  'web ACL',
  'alarms, metrics, secrets',
  'dashboard and API',
  'sign-in (Cognito)',
  'alert and forecast jobs',
  'mails',
] as const;
export type ComponentName = (typeof componentNames)[number];

export interface Bill {
  readonly workload: Workload;
  /** Dollars a month. */
  readonly components: Readonly<Record<ComponentName, number>>;
  readonly total: number;
  /** Means over the month, weighted by clicks. */
  readonly derived: {
    readonly clicksPerSecond: number;
    readonly clicksPerBatch: number;
    readonly filesPerGroup: number;
    readonly itemsPerClick: number;
    readonly linkReadShare: number;
    readonly rawBytesPerClick: number;
  };
}

/** Calculates the bill of one month, by component, in US dollars at list prices. */
export function monthlyBill(workload: Workload): Bill {
  const shares = buildShares(workload);
  const pollers = pollersOf(workload.freshnessSeconds, workload.pollers);
  // The canary's clicks pass through everything behind the edge.
  const hours = dayOfRates(workload.clicksPerMonth, workload.swing).map((rate) =>
    hourOfTraffic(rate + 1 / stackShape.canarySecondsBetween, shares, pollers),
  );
  const jobHours = hours.map((hour) => ({ ...hour, rawBytesPerFile: rawBytesPerFile(hour) }));
  const again = 1 + taken.retriedShare;
  const edge = priceEdge(workload.clicksPerMonth);
  const functions = priceFunctions(hours);
  const lake = priceLake(workload, hours);
  const dynamo = priceDynamo(hours, shares);
  const components = {
    CloudFront: edge.cloudFront,
    'redirect function': edge.redirect,
    logs: edge.logs + priceConsumerLogs(hours),
    queues: priceQueues(hours, pollers) * again,
    'enrich function': functions.enrich * again,
    'rollup function': functions.rollup * again,
    'DynamoDB writes': dynamo.writes * again,
    'DynamoDB reads': dynamo.reads,
    'DynamoDB storage': dynamo.storage + priceCatalog(workload),
    'S3 requests': lake.requests,
    'S3 storage': lake.storage,
    settle: priceSettle(jobHours, countItems(countDistinct(shares, workload.clicksPerMonth / daysPerMonth))),
    receipts: priceReceipts(jobHours),
    canary: priceCanary(),
    'web ACL': workload.webAcl ? priceWebAcl(workload) : 0,
    'alarms, metrics, secrets': priceFixed(),
    ...viewersBill(workload),
  };
  function perClick(perSecond: (hour: HourOfTraffic) => number): number {
    return perMonth(hours, perSecond) / perMonth(hours, ({ rate }) => rate);
  }
  return {
    workload,
    components,
    total: Object.values(components).reduce((sum, cost) => sum + cost, 0),
    derived: {
      clicksPerSecond: workload.clicksPerMonth / secondsPerMonth,
      clicksPerBatch: 1 / perClick((hour) => hour.rate / hour.clicksPerBatch),
      filesPerGroup: perClick((hour) => hour.fileRate) / perClick((hour) => hour.groupRate),
      itemsPerClick: perClick((hour) => hour.groupRate * (hour.itemsPerGroup + otherItems(hour))),
      linkReadShare: perClick((hour) => hour.rate * hour.linkReads),
      rawBytesPerClick: perClick((hour) => hour.fileRate * rawBytesPerFile(hour)),
    },
  };
}

/** Dollars per million refused requests: kept as events, and only counted above the rate. */
export interface RefusedBill {
  readonly kept: number;
  readonly counted: number;
}

/**
 * Calculates what a million refused requests add to a bill: to a link, and to `/e`, which passes the HTTP API. Above the
 * rate, what is left is the edge: CloudFront, the function and one log line.
 */
export function refusedBill(workload: Workload): Record<'link' | 'event', RefusedBill> {
  const million = 1e6;
  const event =
    monthlyBill({ ...workload, clicksPerMonth: workload.clicksPerMonth + million }).total - monthlyBill(workload).total;
  const { cloudFront, redirect } = priceEdge(million);
  const counted = cloudFront + redirect + dollars('logsIngested', (million * measured.refusedLineBytes) / 1e9);
  const gateway = dollars('httpApi', million);
  return { link: { kept: event, counted }, event: { kept: event + gateway, counted: counted + gateway } };
}

interface Shares {
  links: readonly number[];
  pages: readonly number[];
}

function buildShares(workload: Workload): Shares {
  return {
    links: zipfShares(workload.links, workload.linkExponent),
    pages: zipfShares(workload.pages, workload.linkExponent),
  };
}

/** @param rate clicks per second */
export function hourOfTraffic(rate: number, shares: Shares, pollers: Pollers): HourOfTraffic {
  const clicksPerBatch = messagesPerBatch(rate, pollers.clicks);
  // A batch that spans the full hour writes a second file.
  const filesPerBatch = 1 + Math.min(1, pollers.clicks.windowSeconds / 3600);
  const fileRate = (rate / clicksPerBatch) * filesPerBatch;
  const filesPerGroup = messagesPerBatch(fileRate, pollers.files);
  const groupRate = fileRate / filesPerGroup;
  const touched = countDistinct(shares, rate / groupRate);
  const items = countItems(touched);
  const { later, storedBytes } = planLater(items, filesPerGroup);
  return {
    rate,
    clicksPerBatch,
    filesPerBatch,
    fileRate,
    filesPerGroup,
    groupRate,
    itemsPerGroup: items,
    transactionsPerGroup: 1 + later,
    storedBytesPerGroup: storedBytes,
    writeUnitsPerGroup: 2 * (countUnits(touched) + filesPerGroup + later + storedUnits(later, storedBytes)),
    linkReads: missShare(shares.links, rate, 1 + rate * taken.redirectSeconds, stackShape.linkCacheSeconds),
    active: countDistinct(shares, rate * 3600),
    receiptsPerWindow: countUnits(countDistinct(shares, rate * stackShape.receiptsWindowSeconds)),
  };
}

type Pollers = ReturnType<typeof pollersOf>;

function countDistinct(shares: Shares, clicks: number) {
  return {
    links: expectedDistinct(shares.links, clicks),
    pages: expectedDistinct(shares.pages, clicks),
    stack: Math.min(1, clicks),
  };
}

type Distinct = ReturnType<typeof countDistinct>;

function countItems({ links, pages, stack }: Distinct): number {
  return links + pages + stack;
}

/** Returns a group's later transactions and the bytes of their updates, planned as `planGroup` does. */
function planLater(items: number, files: number): { later: number; storedBytes: number } {
  const later = Math.max(0, Math.ceil((items + files - maxActions) / (maxActions - 2)));
  const inFirst = Math.max(0, maxActions - files - later);
  return { later, storedBytes: later === 0 ? 0 : (items - inFirst) * measured.storedBytesPerItem };
}

/** Returns the write units of the items that hold a group's updates, one for each later transaction. */
function storedUnits(later: number, bytes: number): number {
  return later === 0 ? 0 : later * units(bytes / later);
}

/** Items of a group that are no counters: claims, stored updates and their markers. */
function otherItems({ filesPerGroup, transactionsPerGroup }: HourOfTraffic): number {
  return filesPerGroup + 2 * (transactionsPerGroup - 1);
}

function units(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

function countUnits({ links, pages, stack }: Distinct): number {
  return links * measured.linkItemUnits + pages * measured.pageItemUnits + stack;
}

/** Returns the cost of requests at the edge, including the canary's. */
function priceEdge(clicks: number) {
  return {
    cloudFront:
      dollars('cloudFrontRequests', clicks) +
      dollars('cloudFrontFunction', clicks) +
      dollars('cloudFrontTransfer', (clicks * taken.redirectResponseBytes) / 1e9),
    redirect: lambdaDollars(clicks, taken.redirectSeconds, stackShape.redirectMemoryGb),
    logs: priceLogs(clicks * measured.requestLineBytes, stackShape.edgeLogDays),
  };
}

function priceFunctions(hours: readonly HourOfTraffic[]) {
  function enrich({ rate, clicksPerBatch, filesPerBatch }: HourOfTraffic): number {
    const work = clicksPerBatch * measured.enrichSecondsPerEvent;
    const seconds = invocationSeconds(work, stackShape.enrichMemoryGb, taken.s3Seconds * filesPerBatch);
    return lambdaDollars(rate / clicksPerBatch, seconds, stackShape.enrichMemoryGb);
  }
  function rollup({ rate, groupRate, filesPerGroup, transactionsPerGroup }: HourOfTraffic): number {
    const work = (rate / groupRate) * measured.rollupSecondsPerEvent;
    const reads = Math.ceil(filesPerGroup / stackShape.filesReadAtOnce);
    const waiting = reads * taken.s3Seconds + transactionsPerGroup * taken.transactionSeconds;
    const seconds = invocationSeconds(work, stackShape.rollupMemoryGb, waiting);
    return lambdaDollars(groupRate, seconds, stackShape.rollupMemoryGb);
  }
  return { enrich: perMonth(hours, enrich), rollup: perMonth(hours, rollup) };
}

/** Returns the seconds of one invocation that needs `coreSeconds` and gets the share of a core that its memory buys. */
function invocationSeconds(coreSeconds: number, memoryGb: number, waiting: number): number {
  return waiting + coreSeconds / Math.min(1, memoryGb / taken.gbPerCore);
}

function priceLake(workload: Workload, hours: readonly HourOfTraffic[]) {
  const files = perMonth(hours, (hour) => hour.fileRate) * (1 + taken.retriedShare);
  const rawBytes = perMonth(hours, (hour) => hour.fileRate * rawBytesPerFile(hour));
  const settledBytes = workload.clicksPerMonth * measured.settledRowBytes;
  const runFiles = hoursPerMonth * taken.runFilesPerHour;
  // S3 leaves smaller objects in Standard.
  const isMoved = settledBytes / runFiles >= taken.smallestTransition;
  const hotMonths = isMoved ? Math.min(workload.monthsKept, stackShape.hotDays / daysPerMonth) : workload.monthsKept;
  return {
    requests: dollars('s3Puts', files) + dollars('s3Gets', files),
    storage:
      dollars('s3Standard', (rawBytes * stackShape.rawDays) / daysPerMonth / 1e9 + (settledBytes * hotMonths) / 1e9) +
      dollars('s3GlacierInstant', (settledBytes * (workload.monthsKept - hotMonths)) / 1e9) +
      dollars('s3Transitions', workload.monthsKept > hotMonths ? runFiles : 0),
  };
}

function rawBytesPerFile({ rate, fileRate }: HourOfTraffic): number {
  return measured.rawFile.fixedBytes + measured.rawFile.rowBytes * (rate / fileRate);
}

function priceDynamo(hours: readonly HourOfTraffic[], shares: Shares) {
  function reads(hour: HourOfTraffic): number {
    // Eventually consistent: half a unit. Enrich reads each page once a minute, and with each batch whether a page is
    // watched; rollup reads the claim of each file.
    const enrich = expectedDistinct(shares.pages, hour.rate * 60) / 60 + hour.rate / hour.clicksPerBatch;
    return 0.5 * (hour.rate * hour.linkReads + enrich) + hour.fileRate;
  }
  function hourlyBytes(hour: HourOfTraffic): number {
    return countBytes(countDistinct(shares, hour.rate * 3600)) / 3600;
  }
  function groupBytes({ fileRate, groupRate, storedBytesPerGroup }: HourOfTraffic): number {
    return fileRate * measured.claimBytes + groupRate * storedBytesPerGroup;
  }
  return {
    writes: dollars(
      'dynamoWrites',
      perMonth(hours, (hour) => hour.groupRate * hour.writeUnitsPerGroup),
    ),
    reads: dollars('dynamoReads', perMonth(hours, reads)),
    storage: dollars(
      'dynamoStorage',
      (perMonth(hours, hourlyBytes) * stackShape.hotDays) / daysPerMonth / 1e9 +
        (perMonth(hours, groupBytes) * (stackShape.rawDays + 5)) / daysPerMonth / 1e9,
    ),
  };
}

/** Returns the cost of storing links and pages, twice with their listing index, and of the catalog's backups. */
function priceCatalog({ links, pages }: Workload): number {
  const gigabytes = ((links + pages) * taken.catalogItemBytes) / 1e9;
  return dollars('dynamoStorage', 2 * gigabytes) + dollars('dynamoBackups', gigabytes * stackShape.tablesWithBackups);
}

function countBytes({ links, pages, stack }: Distinct): number {
  return links * measured.linkItemBytes + (pages + stack) * measured.pageItemBytes;
}

/** Returns the log bytes of enrich and rollup; the edge's request lines are counted separately. */
function priceConsumerLogs(hours: readonly HourOfTraffic[]): number {
  function bytes({ rate, clicksPerBatch, groupRate }: HourOfTraffic): number {
    return (rate / clicksPerBatch) * measured.enrichLogBytes + groupRate * measured.rollupLogBytes;
  }
  return priceLogs(perMonth(hours, bytes), stackShape.logDays);
}

/** Returns the cost of log bytes: CloudWatch stores them compressed. */
function priceLogs(bytes: number, days: number): number {
  const stored = ((bytes * taken.logCompression) / 1e9) * (days / daysPerMonth);
  return dollars('logsIngested', bytes / 1e9) + dollars('logsStored', stored);
}

/** Counts one send per message, receives and deletes of up to ten, and idle pollers' empty receives, of both queues. */
function priceQueues(hours: readonly HourOfTraffic[], pollers: Pollers): number {
  function requests({ rate, clicksPerBatch, fileRate, filesPerGroup }: HourOfTraffic): number {
    const received = Math.min(10, clicksPerBatch);
    const clicks = rate * sqsUnits(1) + (rate / received) * (sqsUnits(received) + 1);
    const files = fileRate + (2 * fileRate) / Math.min(10, filesPerGroup);
    return clicks + emptyReceives(rate, pollers.clicks) + files + emptyReceives(fileRate, pollers.files);
  }
  return dollars('sqsRequests', perMonth(hours, requests));
}

/** SQS bills requests per 64 KB. Ten messages are smaller. */
function sqsUnits(messages: number): number {
  return Math.ceil((messages * measured.messageBytes) / 65_536);
}

function priceCanary(): number {
  const clicks = secondsPerMonth / stackShape.canarySecondsBetween;
  const { cloudFront, redirect, logs } = priceEdge(clicks);
  return (
    cloudFront +
    redirect +
    logs +
    lambdaDollars(clicks, taken.canarySeconds, stackShape.canaryMemoryGb) +
    dollars('schedules', clicks)
  );
}

function priceWebAcl(workload: Workload): number {
  const canary = secondsPerMonth / stackShape.canarySecondsBetween;
  return (
    dollars('webAcls', 1) +
    dollars('webAclRules', stackShape.webAclRules) +
    dollars('webAclRequests', workload.clicksPerMonth + canary + viewerRequests(workload))
  );
}

function priceFixed(): number {
  return (
    dollars('alarms', stackShape.alarms) +
    dollars('metrics', stackShape.metrics * taken.troubledShare) +
    dollars('secrets', stackShape.secrets) +
    dollars('keys', stackShape.keys)
  );
}
