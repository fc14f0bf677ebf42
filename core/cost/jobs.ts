import { measured } from './measured.ts';
import { dollars, lambdaDollars } from './prices.ts';
import { stackShape, taken } from './stack-shape.ts';
import { daysPerMonth, hoursPerMonth, perMonth, secondsPerMonth } from './traffic.ts';

/** What the scheduled jobs of one hour of the day depend on. */
export interface HourOfJobs {
  /** Events per second. */
  readonly rate: number;
  /** Raw files per second, and bytes of each. */
  readonly fileRate: number;
  readonly rawBytesPerFile: number;
  /** Distinct entities of the hour. */
  readonly active: { readonly links: number; readonly pages: number; readonly stack: number };
  /** Write units of one receipts window. */
  readonly receiptsPerWindow: number;
}

/**
 * Calculates the cost of settling each hour and each local date, and of retention, which verifies each hour.
 * @param entities distinct entities of a date
 */
export function priceSettle(hours: readonly HourOfJobs[], entities: number): number {
  const { settle } = measured;
  const files = perMonth(hours, ({ fileRate }) => fileRate);
  const dates = daysPerMonth * taken.zones;
  const later = dates * settle.queriesPerDate + hoursPerMonth * taken.retentionQueriesPerHour;
  const queries = hoursPerMonth * settle.queriesPerHour + later;
  const listings = hoursPerMonth * (settle.listsPerHour + 2 * settle.queriesPerHour) + files * taken.listingsPerFile;
  const puts = hoursPerMonth * taken.settleFilesPerHour + queries * taken.resultFilesPerQuery;
  const seconds =
    hoursPerMonth * taken.jobStartSeconds +
    queries * taken.querySeconds +
    (files / taken.filesAtOnce) * taken.s3Seconds;
  return (
    dollars('athenaScanned', (scannedByHours(hours) + later * taken.athenaMinimumBytes) / 1e12) +
    dollars('s3Puts', listings + puts) +
    dollars('s3Gets', files * taken.settleReadsPerFile) +
    dollars('dynamoWrites', hoursPerMonth * settle.writesPerHour + finalUnits(hours) + dates * entities * dateUnits) +
    dollars('dynamoReads', hoursPerMonth * settle.readsPerHour) +
    lambdaDollars(hoursPerMonth + daysPerMonth, seconds / (hoursPerMonth + daysPerMonth), stackShape.settleMemoryGb)
  );
}

/** Each query that settles an hour reads the hour's files once, and is billed for at least 10 MB. */
function scannedByHours(hours: readonly HourOfJobs[]): number {
  return perMonth(hours, ({ fileRate, rawBytesPerFile }) => {
    const bytes = Math.max(taken.athenaMinimumBytes, fileRate * 3600 * rawBytesPerFile);
    return (bytes * measured.settle.queriesPerHour) / 3600;
  });
}

/** Write units of the final counters of an hour. A page's are written twice: to its hour, and to the item of its day. */
function finalUnits(hours: readonly HourOfJobs[]): number {
  const { pageItemUnits } = measured;
  return perMonth(
    hours,
    ({ active: { links, pages, stack } }) => (links + (2 * pages + stack) * (pageItemUnits + 1)) / 3600,
  );
}

/** Write units of an entity's local date: its numbers, its top lists and its month. */
const dateUnits = 3;

/** Calculates the cost of counting request lines, each window twice, and of the hourly rotation of salts. */
export function priceReceipts(hours: readonly HourOfJobs[]): number {
  const runs = secondsPerMonth / stackShape.receiptsWindowSeconds;
  const updates = perMonth(hours, ({ receiptsPerWindow }) => receiptsPerWindow / stackShape.receiptsWindowSeconds);
  const lines = 2 * perMonth(hours, ({ rate }) => rate);
  const seconds =
    runs * taken.jobStartSeconds +
    lines * taken.secondsPerLogLine +
    (updates / taken.filesAtOnce) * taken.updateSeconds;
  return (
    dollars('dynamoWrites', updates) +
    lambdaDollars(runs, seconds / runs, stackShape.receiptsMemoryGb) +
    lambdaDollars(hoursPerMonth, taken.jobStartSeconds, stackShape.saltsMemoryGb) +
    dollars('schedules', runs + hoursPerMonth)
  );
}
