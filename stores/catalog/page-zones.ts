import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { listingIndex } from '#schemas/tables.ts';
import { listingKeys } from './catalog-keys.ts';
import { StoreUnavailable } from '../errors.ts';

/** IANA zones of the catalog's pages, each once. */
export function createZones({ client, table }: { client: DynamoDBClient; table: string }): () => Promise<string[]> {
  return async () => {
    const zones = new Set<string>();
    try {
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: listingIndex,
          KeyConditionExpression: 'gpk = :pages',
          ExpressionAttributeValues: { ':pages': { S: listingKeys.pages().gpk } },
        },
      );
      for await (const { Items } of pages)
        for (const item of Items ?? []) if (item['timeZone']?.S) zones.add(item['timeZone'].S);
    } catch (cause) {
      throw new StoreUnavailable(`${table} did not list its pages`, { cause });
    }
    return [...zones].sort();
  };
}
