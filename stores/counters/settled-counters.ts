import type { MeasureSums } from '#core/metrics/measures.ts';
import type { FinalCounters } from '#core/settle/hourly-counters.ts';
import {
  dayVisitorAttributes,
  importedAttribute,
  type EntityHour,
  entityHourKey,
  entityKeys,
  isCampaign,
} from '#schemas/counters.ts';
import {
  dayKey,
  filledMetricsKey,
  finalAttribute,
  finalRunAttribute,
  hourKey,
  metricsKey,
  monthAttribute,
  monthDayText,
  monthKey,
  openDayKey,
  openHourAttribute,
  openHourText,
  packedAttribute,
  parseHourKey,
  receivedKey,
  topListsKey,
} from './counter-items.ts';
import { expiring, toItem } from '../dynamodb/items.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import {
  type Condition,
  createTable,
  type ItemKey,
  keyOf,
  type TableOptions,
  TransactionRefused,
  type Write,
} from '../dynamodb/table.ts';
import { StoreUnavailable } from '../errors.ts';
import type { SettleProgress } from '#schemas/lake-jobs.ts';
import { advanceProgress, putSettleProgress } from './progress.ts';
import { pack } from './compressed-json.ts';
import { mapOf, numbersOf, readKeys, textOf } from '../dynamodb/raw-items.ts';
import { type FilledMetrics, readDayNumbers, readFilledMetrics } from './settled-days.ts';

/** An entity's settled date. */
export interface DayItem {
  entity: string;
  date: string;
  /** Counts by attribute name, and `visitors`, `sessions`, `bounces`, `milliseconds`. */
  numbers: Record<string, number>;
  tops: Record<string, [value: string, clicks: number, views: number][]>;
}

/** Measures of a page's metrics on a local date, by the name of metric and version. */
export interface MetricsItem {
  page: string;
  date: string;
  metrics: Readonly<Record<string, MeasureSums>>;
}

export interface SettledRollups {
  /** Sets the final counters of hours, unless a later run has. Leaves hot counters alone: an `ADD` may be in flight. */
  writeFinals: (items: readonly FinalCounters[], run: string) => Promise<void>;
  writeDays: (days: readonly DayItem[], run: string) => Promise<void>;
  /** Writes measures of metrics. They replace those of an earlier run. */
  writeMetrics: (days: readonly MetricsItem[], run: string) => Promise<void>;
  readFilled: (page: string) => Promise<FilledMetrics | undefined>;
  putFilled: (page: string, filled: FilledMetrics) => Promise<void>;
  /** Returns final counters and the run that wrote them, by {@link entityHourKey}. */
  readFinals: (hours: readonly EntityHour[]) => Promise<Map<string, { run: string; final: Record<string, number> }>>;
  /** Returns the number of events on an entity's settled date, with any outcome; undefined without a day item. */
  readDayTotal: (entity: string, date: string) => Promise<number | undefined>;
  /** Deletes the counters and received requests of hours, and the open-day items of their dates. */
  deleteHours: (hours: readonly EntityHour[]) => Promise<void>;
  /** Deletes every item of an entity and returns their number. */
  deleteEntity: (entity: string) => Promise<number>;
  /** Moves the watermark of settle forward, never back. */
  advance: (through: number) => Promise<void>;
  /** Shows readers how far a settle has come. */
  putProgress: (progress: SettleProgress) => Promise<void>;
}

/** Numbers of a date that count no events of their own. */
const otherAttributes: ReadonlySet<string> = new Set([...dayVisitorAttributes, importedAttribute]);

const concurrency = 32;

/** A day has three writes, and a transaction 100. */
const mostItemsAtOnce = 33;

/** Every function may throw {@link StoreUnavailable}. */
export function createSettledRollups(
  options: TableOptions & {
    now: () => number;
    /** Days for which hourly items are kept after their last write. */
    hotDays: number;
    /**
     * Entities whose counters are written in one transaction. It takes twice the write units, and a fifth of the CPU time of
     * single writes. @default 1, without transactions
     */
    entitiesAtOnce?: number;
  },
): SettledRollups {
  const { now, hotDays, entitiesAtOnce = 1 } = options;
  const table = createTable(options);

  /** Writes items. A write whose condition does not hold changes nothing and stops no other. */
  async function writeAll<T>(items: readonly T[], toWrites: (item: T) => Write[]): Promise<void> {
    const size = Math.min(entitiesAtOnce, mostItemsAtOnce);
    const groups = Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
      items.slice(at * size, (at + 1) * size),
    );
    await forEachConcurrently(groups, concurrency, async (group) => {
      const writes = group.flatMap(toWrites);
      if (size > 1 && (await writeTogether(writes))) return;
      for (const write of writes) await writeAlone(write);
    });
  }

  /** Returns false, having written nothing, also for what only a transaction refuses: two writes to an item, or 4 MB. */
  async function writeTogether(writes: readonly Write[]): Promise<boolean> {
    try {
      return await table.transact(writes);
    } catch (error) {
      if (error instanceof TransactionRefused || error instanceof StoreUnavailable) return false;
      throw error;
    }
  }

  async function writeAlone(write: Write): Promise<void> {
    if (write.kind === 'put' && write.condition) await table.putIf(write.item, write.condition);
    if (write.kind === 'update' && write.condition) await table.updateIf(write.key, write.change, write.condition);
  }

  // These conditional writes change nothing if a later run has written before.
  function hourWrites({ entity, hour, final }: FinalCounters, run: string): Write[] {
    const change = { set: { [finalAttribute]: final, [finalRunAttribute]: run, ...expiring(now(), hotDays) } };
    const counters: Write = {
      kind: 'update',
      key: { pk: entity, sk: hourKey(hour) },
      change,
      condition: isLaterRun(run),
    };
    if (!entity.startsWith(entityKeys.page(''))) return [counters];
    // A page's settled hour is also in the item of its date, for reports on many pages.
    const key = { pk: entity, sk: openDayKey(hour.slice(0, 10)) };
    return [counters, textWrite(key, openHourAttribute(hour), openHourText(run, final), expiring(now(), hotDays))];
  }

  function dayWrites({ entity, date, numbers, tops }: DayItem, run: string): Write[] {
    const { views = 0, clicks = 0, visitors = 0, sessions = 0 } = numbers;
    return [
      packedWrite({ pk: entity, sk: dayKey(date) }, numbers, run),
      ...(isCampaign(entity) ? [] : [packedWrite({ pk: entity, sk: topListsKey(date) }, tops, run)]),
      textWrite(
        { pk: entity, sk: monthKey(date) },
        monthAttribute(date),
        monthDayText(run, { views, clicks, visitors, sessions }),
      ),
    ];
  }

  return {
    writeFinals: (items, run) => writeAll(items, (item) => hourWrites(item, run)),
    writeDays: (days, run) => writeAll(days, (day) => dayWrites(day, run)),
    writeMetrics: (days, run) =>
      writeAll(days, ({ page, date, metrics }) => {
        const key = { pk: entityKeys.page(page), sk: metricsKey(date) };
        return [packedWrite(key, packMetrics(metrics), run)];
      }),
    readFilled: (page) => readFilledMetrics(options, entityKeys.page(page)),
    putFilled: (page, filled) =>
      table.put(toItem({ pk: entityKeys.page(page), sk: filledMetricsKey, [packedAttribute]: pack(filled) })),
    readFinals: async (hours) => {
      const keys = hours.map(({ entity, hour }) => ({ pk: entity, sk: hourKey(hour) }));
      const items = await readKeys(options, keys, ['pk', 'sk', finalRunAttribute, finalAttribute]);
      return new Map(
        items.flatMap((item) => {
          const [run, final] = [textOf(item[finalRunAttribute]), mapOf(item[finalAttribute])];
          if (run === '' || final === undefined) return [];
          const key = entityHourKey({ entity: textOf(item['pk']), hour: parseHourKey(textOf(item['sk'])) });
          return [[key, { run, final: numbersOf(final) }] as const];
        }),
      );
    },
    readDayTotal: async (entity, date) => {
      const [day] = await readDayNumbers(options, entity, date, date);
      if (!day) return undefined;
      const counts = Object.entries(day.numbers).filter(([name]) => !otherAttributes.has(name));
      return counts.reduce((sum, [, value]) => sum + value, 0);
    },
    deleteHours: (hours) => {
      const keys = hours.flatMap(({ entity, hour }) =>
        [hourKey(hour), receivedKey(hour), openDayKey(hour.slice(0, 10))].map((sk) => ({ pk: entity, sk })),
      );
      return forEachConcurrently(keys, concurrency, table.delete);
    },
    deleteEntity: async (entity) => {
      const items = await table.query({ pk: entity }, { keysOnly: true });
      await forEachConcurrently(items.map(keyOf), concurrency, table.delete);
      return items.length;
    },
    advance: (through) => advanceProgress(table, 'settled', through),
    putProgress: (progress) => putSettleProgress(table, progress),
  };
}

/** A count takes one number, a sum three. */
function packMetrics(metrics: MetricsItem['metrics']): Record<string, Record<string, number[]>> {
  return mapValues(metrics, (measures) =>
    mapValues(measures, ({ sum, numbers, ignored }) =>
      sum === numbers && ignored === 0 ? [sum] : [sum, numbers, ignored],
    ),
  );
}

function mapValues<T, Result>(record: Readonly<Record<string, T>>, map: (value: T) => Result): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function packedWrite(key: ItemKey, content: object, run: string): Write {
  const item = toItem({ ...key, [packedAttribute]: pack(content), [finalRunAttribute]: run });
  return { kind: 'put', item, condition: isLaterRun(run) };
}

function textWrite(key: ItemKey, name: string, text: string, more: Record<string, unknown> = {}): Write {
  return { kind: 'update', key, change: { set: { [name]: text, ...more } }, condition: isLaterText(name, text) };
}

/** Requires that no later run wrote the item. Run ids are ULIDs, which sort by time. */
function isLaterRun(run: string): Condition {
  return {
    expression: 'attribute_not_exists(#run) OR #run < :run',
    values: { run },
    names: { run: finalRunAttribute },
  };
}

/** Requires that no later run wrote the text. Texts start with the time of their run. */
function isLaterText(name: string, text: string): Condition {
  return {
    expression: 'attribute_not_exists(#text) OR #text < :text',
    values: { text },
    names: { text: name },
  };
}
