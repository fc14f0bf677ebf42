import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { expiryAttribute, finalAttribute, hourKey } from '#schemas/rollup-item.ts';
import { answerOf } from './answer.ts';

/** The hourly item of one entity: numbers by attribute name. */
export interface HourItem {
  /** `2026-11-22T07+01:00` */
  hour: string;
  hot: Record<string, number>;
  /** Settled numbers, once the hour is; preferred to `hot`. */
  final: Record<string, number> | undefined;
}

export interface HoursOptions {
  client: DynamoDBClient;
  table: string;
  now: () => number;
}

type Item = Record<string, AttributeValue>;

/** Attributes that are no counters. */
const bookkeeping: ReadonlySet<string> = new Set(['pk', 'sk', expiryAttribute, finalAttribute]);

const numbersOf = (attributes: Item): Record<string, number> => {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(attributes))
    if (value.N !== undefined && !bookkeeping.has(name)) numbers[name] = Number(value.N);
  return numbers;
};

const hourItem = (item: Item): HourItem => ({
  hour: (item['sk']?.S ?? '').slice(hourKey('').length),
  hot: numbersOf(item),
  final: item[finalAttribute]?.M && numbersOf(item[finalAttribute].M),
});

const isAlive = (item: Item, seconds: number): boolean => {
  const expires = item[expiryAttribute]?.N;
  return expires === undefined || Number(expires) > seconds;
};

const queryRange = async (
  { client, table, now }: HoursOptions,
  pk: string,
  from: string,
  to: string,
): Promise<HourItem[]> => {
  const found: HourItem[] = [];
  const seconds = Math.floor(now() / 1000);
  let start: Item | undefined;
  do {
    const page = await answerOf(
      `hours of ${pk}`,
      client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: hourKey(from) }, ':to': { S: hourKey(to) } },
          ...(start && { ExclusiveStartKey: start }),
        }),
      ),
    );
    // Deletion by TTL lags by up to days.
    for (const item of page.Items ?? []) if (isAlive(item, seconds)) found.push(hourItem(item));
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
};

const millisecondsOfDay = 86_400_000;
/** Hours of so many days stay below the 1 MB that one page of a query holds; each span is one query, all at once. */
const daysPerQuery = 8;

const isoDate = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 10);

/** Spans of whole local dates, as keys: the last instant of a date sorts below `T24`. */
const spans = (firstDate: string, lastDate: string): { from: string; to: string }[] => {
  const last = Date.parse(lastDate);
  const found = [];
  for (let day = Date.parse(firstDate); day <= last; day += daysPerQuery * millisecondsOfDay) {
    const end = Math.min(last, day + (daysPerQuery - 1) * millisecondsOfDay);
    found.push({ from: `${isoDate(day)}T00`, to: `${isoDate(end)}T24` });
  }
  return found;
};

/**
 * Hourly items of an entity on the local dates `firstDate` to `lastDate` inclusive (`2026-11-22`), in order of key.
 * Items past their expiry are left out.
 * @throws {StoreUnavailable}
 */
export const readHours = async (
  options: HoursOptions,
  pk: string,
  firstDate: string,
  lastDate: string,
): Promise<HourItem[]> => {
  const pieces = await Promise.all(spans(firstDate, lastDate).map(({ from, to }) => queryRange(options, pk, from, to)));
  return pieces.flat();
};
