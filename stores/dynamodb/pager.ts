import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type StartKey = Record<string, AttributeValue>;

/** Reads a query to its end: DynamoDB ends a page at 1 MB, whatever was asked for. */
export async function readAllPages<Item>(
  readPage: (
    start: StartKey | undefined,
  ) => Promise<{ Items?: Item[] | undefined; LastEvaluatedKey?: StartKey | undefined }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let start: StartKey | undefined;
  do {
    const page = await readPage(start);
    for (const item of page.Items ?? []) items.push(item);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}
