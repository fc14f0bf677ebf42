import type { FinalCounters } from '#core/settle/hourly-counters.ts';
import { dayVisitorAttributes, type EntityHour, entityHourKey, entityKeys } from '#schemas/counters.ts';
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
  parseHourKey,
  receivedKey,
  topListsKey,
} from './counter-items.ts';
import { expiring, toItem } from '../dynamodb/items.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import { type Condition, createTable, type ItemKey, keyOf, type TableOptions } from '../dynamodb/table.ts';
import type { SettleProgress } from '#schemas/lake-jobs.ts';
import { advanceProgress, putSettleProgress } from './progress.ts';
import { pack } from './compressed-json.ts';
import { mapOf, numbersOf, readKeys, textOf } from '../dynamodb/raw-items.ts';
import { readDayNumbers } from './settled-days.ts';

/** An entity's settled date. */
export interface DayItem {
  entity: string;
  date: string;
  /** Counts by attribute name, and `visitors`, `sessions`, `bounces`, `milliseconds`. */
  numbers: Record<string, number>;
  tops: Record<string, [value: string, clicks: number, views: number][]>;
}

export interface SettledRollups {
  /** Sets the final counters of hours, unless a later run has. Leaves hot counters alone: an `ADD` may be in flight. */
  writeFinals: (items: readonly FinalCounters[], run: string) => Promise<void>;
  writeDays: (days: readonly DayItem[], run: string) => Promise<void>;
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

const visitorAttributes: ReadonlySet<string> = new Set(dayVisitorAttributes);

const concurrency = 32;

/** Every function may throw {@link StoreUnavailable}. */
export function createSettledRollups(
  options: TableOptions & {
    now: () => number;
    /** Days for which hourly items are kept after their last write. */
    hotDays: number;
  },
): SettledRollups {
  const { now, hotDays } = options;
  const table = createTable(options);

  // These conditional writes change nothing if a later run has written before.
  async function writeFinal({ entity, hour, final }: FinalCounters, run: string): Promise<void> {
    const set = { [finalAttribute]: final, [finalRunAttribute]: run, ...expiring(now(), hotDays) };
    await table.updateIf({ pk: entity, sk: hourKey(hour) }, { set }, isLaterRun(run));
  }

  /** Writes a page's settled hour to the item of its date, for reports on many pages. */
  async function writeOpenHour({ entity, hour, final }: FinalCounters, run: string): Promise<void> {
    if (!entity.startsWith(entityKeys.page(''))) return;
    const key = { pk: entity, sk: openDayKey(hour.slice(0, 10)) };
    const [name, text] = [openHourAttribute(hour), openHourText(run, final)];
    await table.updateIf(key, { set: { [name]: text, ...expiring(now(), hotDays) } }, isLaterText(name, text));
  }

  async function putPacked(key: ItemKey, content: object, run: string): Promise<void> {
    const item = { ...key, [packedAttribute]: pack(content), [finalRunAttribute]: run };
    await table.putIf(toItem(item), isLaterRun(run));
  }

  async function putMonthDay({ entity, date }: DayItem, text: string): Promise<void> {
    const name = monthAttribute(date);
    await table.updateIf({ pk: entity, sk: monthKey(date) }, { set: { [name]: text } }, isLaterText(name, text));
  }

  async function writeDay(day: DayItem, run: string): Promise<void> {
    const { entity, date, numbers, tops } = day;
    await putPacked({ pk: entity, sk: dayKey(date) }, numbers, run);
    await putPacked({ pk: entity, sk: topListsKey(date) }, tops, run);
    const { views = 0, clicks = 0, visitors = 0, sessions = 0 } = numbers;
    await putMonthDay(day, monthDayText(run, { views, clicks, visitors, sessions }));
  }

  return {
    writeFinals: (items, run) =>
      forEachConcurrently(items, concurrency, async (item) => {
        await writeFinal(item, run);
        await writeOpenHour(item, run);
      }),
    writeDays: (days, run) => forEachConcurrently(days, concurrency, (day) => writeDay(day, run)),
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
      const counts = Object.entries(day.numbers).filter(([name]) => !visitorAttributes.has(name));
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
