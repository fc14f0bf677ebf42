import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { FinalCounters } from '#core/settle/hourly-counters.ts';
import { dayVisitorAttributes, type EntityHour, entityHourKey, entityKeys } from '#schemas/counters.ts';
import { expiryAttribute } from '#schemas/tables.ts';
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
  progressKeys,
  receivedKey,
  topsKey,
} from './counter-items.ts';
import { StoreUnavailable } from '../errors.ts';
import { pack } from './compressed-json.ts';
import { mapOf, numbersOf, readKeys, textOf } from '../dynamodb/raw-items.ts';
import { readDayNumbers } from './settled-days.ts';

/** One entity's settled date. */
export interface DayItem {
  entity: string;
  date: string;
  /** Counts by attribute name, and `visitors`, `sessions`, `bounces`, `milliseconds`. */
  numbers: Record<string, number>;
  tops: Record<string, [value: string, clicks: number, views: number][]>;
}

export interface SettledRollups {
  /** Sets `final` where no later run has: hot counters stay as they are, an ADD may be on its way. */
  writeFinals: (items: readonly FinalCounters[], run: string) => Promise<void>;
  writeDays: (days: readonly DayItem[], run: string) => Promise<void>;
  /** Returns final counters and the run that wrote them, by {@link entityHourKey}. */
  readFinals: (hours: readonly EntityHour[]) => Promise<Map<string, { run: string; final: Record<string, number> }>>;
  /** Events of an entity's settled date, counted or not; undefined where there is no such item. */
  readDayTotal: (entity: string, date: string) => Promise<number | undefined>;
  /** Deletes the counters and received requests of hours, and what is noted of their dates. */
  deleteHours: (hours: readonly EntityHour[]) => Promise<void>;
  /** Deletes every item of an entity. Returns how many. */
  deleteEntity: (entity: string) => Promise<number>;
  /** Tells readers through when hours are settled; never moves back. */
  advance: (through: number) => Promise<void>;
}

const secondsOfDay = 86_400;

const peopleAttributes: ReadonlySet<string> = new Set(dayVisitorAttributes);

export function createSettledRollups(options: {
  client: DynamoDBClient;
  table: string;
  now: () => number;
  /** Days that hourly items live after their last write. */
  hotDays: number;
}): SettledRollups {
  const { client, table, now, hotDays } = options;

  /** A write that a later run has made unnecessary is no error. */
  async function unlessOvertaken(what: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return;
      throw new StoreUnavailable(`${table} did not take ${what}`, { cause });
    }
  }

  function writeFinal({ entity, hour, final }: FinalCounters, run: string): Promise<void> {
    return unlessOvertaken(`${entity} ${hour}`, () =>
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: marshall({ pk: entity, sk: hourKey(hour) }),
          UpdateExpression: 'SET #final = :final, #run = :run, #expires = :expires',
          ConditionExpression: 'attribute_not_exists(#run) OR #run < :run',
          ExpressionAttributeNames: {
            '#final': finalAttribute,
            '#run': finalRunAttribute,
            '#expires': expiryAttribute,
          },
          ExpressionAttributeValues: marshall({
            ':final': final,
            ':run': run,
            ':expires': expires(),
          }),
        }),
      ),
    );
  }

  function expires(): number {
    return Math.floor(now() / 1000) + hotDays * secondsOfDay;
  }

  /** Notes a settled hour of a page on the item of its date, for whoever looks at many pages at once. */
  async function noteOpenHour({ entity, hour, final }: FinalCounters, run: string): Promise<void> {
    if (!entity.startsWith(entityKeys.page(''))) return;
    const key = { pk: entity, sk: openDayKey(hour.slice(0, 10)) };
    await unlessOvertaken(`${entity} ${key.sk}`, () =>
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: marshall(key),
          UpdateExpression: 'SET #hour = :text, #expires = :expires',
          ConditionExpression: 'attribute_not_exists(#hour) OR #hour < :text',
          ExpressionAttributeNames: { '#hour': openHourAttribute(hour), '#expires': expiryAttribute },
          ExpressionAttributeValues: marshall({ ':text': openHourText(run, final), ':expires': expires() }),
        }),
      ),
    );
  }

  function putPacked(key: { pk: string; sk: string }, content: object, run: string): Promise<void> {
    return unlessOvertaken(`${key.pk} ${key.sk}`, () =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: marshall({ ...key, [packedAttribute]: pack(content), [finalRunAttribute]: run }),
          ConditionExpression: 'attribute_not_exists(#run) OR #run < :run',
          ExpressionAttributeNames: { '#run': finalRunAttribute },
          ExpressionAttributeValues: marshall({ ':run': run }),
        }),
      ),
    );
  }

  function putMonthDay({ entity, date }: DayItem, text: string): Promise<void> {
    return unlessOvertaken(`${entity} ${monthKey(date)}`, () =>
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: marshall({ pk: entity, sk: monthKey(date) }),
          UpdateExpression: 'SET #day = :text',
          ConditionExpression: 'attribute_not_exists(#day) OR #day < :text',
          ExpressionAttributeNames: { '#day': monthAttribute(date) },
          ExpressionAttributeValues: marshall({ ':text': text }),
        }),
      ),
    );
  }

  async function writeDay(day: DayItem, run: string): Promise<void> {
    const { entity, date, numbers, tops } = day;
    await putPacked({ pk: entity, sk: dayKey(date) }, numbers, run);
    await putPacked({ pk: entity, sk: topsKey(date) }, tops, run);
    const { views = 0, clicks = 0, visitors = 0, sessions = 0 } = numbers;
    await putMonthDay(day, monthDayText(run, { views, clicks, visitors, sessions }));
  }

  return {
    writeFinals: (items, run) =>
      inParallel(items, async (item) => {
        await writeFinal(item, run);
        await noteOpenHour(item, run);
      }),
    writeDays: (days, run) => inParallel(days, (day) => writeDay(day, run)),
    readFinals: async (hours) => {
      const keys = hours.map(({ entity, hour }) => ({ pk: entity, sk: hourKey(hour) }));
      const items = await readKeys({ client, table }, keys, ['pk', 'sk', finalRunAttribute, finalAttribute]);
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
      const [day] = await readDayNumbers({ client, table }, entity, date, date);
      if (!day) return undefined;
      const counts = Object.entries(day.numbers).filter(([name]) => !peopleAttributes.has(name));
      return counts.reduce((sum, [, value]) => sum + value, 0);
    },
    deleteHours: (hours) => {
      const keys = hours.flatMap(({ entity, hour }) =>
        [hourKey(hour), receivedKey(hour), openDayKey(hour.slice(0, 10))].map((sk) => ({ pk: entity, sk })),
      );
      return inParallel(keys, async (key) => {
        await client.send(new DeleteItemCommand({ TableName: table, Key: marshall(key) }));
      });
    },
    deleteEntity: async (entity) => {
      let deleted = 0;
      for (;;) {
        const { Items = [] } = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: marshall({ ':pk': entity }),
            ProjectionExpression: 'pk, sk',
          }),
        );
        if (Items.length === 0) return deleted;
        await inParallel(Items, async (Key) => {
          await client.send(new DeleteItemCommand({ TableName: table, Key }));
        });
        deleted += Items.length;
      }
    },
    advance: (through) =>
      unlessOvertaken('its progress', () => {
        const at = new Date(through).toISOString();
        return client.send(
          new PutItemCommand({
            TableName: table,
            Item: marshall({ ...progressKeys.settled, at }),
            ConditionExpression: 'attribute_not_exists(#at) OR #at < :at',
            ExpressionAttributeNames: { '#at': 'at' },
            ExpressionAttributeValues: marshall({ ':at': at }),
          }),
        );
      }),
  };
}

/** Requests in flight at once. */
const width = 32;

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: Math.min(width, items.length) }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
