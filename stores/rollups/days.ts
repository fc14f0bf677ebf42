import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { dayKey } from '#schemas/settled-items.ts';
import { answerOf } from './answer.ts';

/** People of one entity on one settled local date. */
export interface DayPeople {
  /** `2026-11-22` */
  date: string;
  visitors: number;
  sessions: number;
}

const dayPeople = (item: Record<string, AttributeValue>): DayPeople => ({
  date: (item['sk']?.S ?? '').slice(dayKey('').length),
  visitors: Number(item['visitors']?.N ?? 0),
  sessions: Number(item['sessions']?.N ?? 0),
});

/**
 * Settled dates of an entity from `firstDate` to `lastDate` inclusive; a date that is not settled is missing.
 * @throws {StoreUnavailable}
 */
export const readDays = async (
  { client, table }: { client: DynamoDBClient; table: string },
  pk: string,
  firstDate: string,
  lastDate: string,
): Promise<DayPeople[]> => {
  const found: DayPeople[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const query = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ProjectionExpression: 'sk, visitors, sessions',
      ExpressionAttributeValues: {
        ':pk': { S: pk },
        ':from': { S: dayKey(firstDate) },
        ':to': { S: dayKey(lastDate) },
      },
      ...(start && { ExclusiveStartKey: start }),
    });
    const page = await answerOf(`days of ${pk}`, client.send(query));
    found.push(...(page.Items ?? []).map(dayPeople));
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
};
