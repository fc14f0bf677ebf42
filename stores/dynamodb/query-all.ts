import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';

/** Every item that a query finds, in its order: a page of an answer holds 1 MB at most. @throws what the client throws */
export async function queryAll(
  client: DynamoDBClient,
  query: QueryCommandInput,
): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  for await (const { Items } of paginateQuery({ client }, query)) items.push(...(Items ?? []));
  return items;
}
