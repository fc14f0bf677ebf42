import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/**
 * Responses as JSON, without the SDK's deserializer: for 60 days of a page it takes 75 ms, JSON.parse 15. Signing, retries
 * and errors stay the SDK's.
 */

/** An item as DynamoDB writes it: `{ views: { N: '3' } }`. */
export type RawItem = Readonly<Record<string, unknown>>;

const item = z.custom<RawItem>((value) => typeof value === 'object' && value !== null);
const keySchema = z.record(z.string(), z.object({ S: z.string() }));
const pageSchema = z.object({ Items: z.array(item).default([]), LastEvaluatedKey: keySchema.optional() });

const placed = { step: 'deserialize', priority: 'low', name: 'takeBody' } as const;

export async function queryRaw(client: DynamoDBClient, input: QueryCommandInput): Promise<z.output<typeof pageSchema>> {
  const command = new QueryCommand(input);
  const { taken, middleware } = createTaker();
  command.middlewareStack.add(middleware, placed);
  await client.send(command);
  return pageSchema.parse(taken.body);
}

/** Returns a middleware that takes the body of the response, and the holder of what it took. */
function createTaker() {
  const taken: { body: unknown } = { body: undefined };
  function middleware<Args, Result extends { response: unknown }>(next: (args: Args) => Promise<Result>) {
    return async (args: Args): Promise<Result> => {
      const result = await next(args);
      taken.body = await takeBody(result.response);
      return result;
    };
  }
  return { taken, middleware };
}

const responseSchema = z.object({ statusCode: z.literal(200), body: z.custom<AsyncIterable<Uint8Array>>() });

/** The body that the SDK deserializes instead. */
const emptyObject = new TextEncoder().encode('{}');

/** Takes the body of a successful response from the SDK, and parses it. */
async function takeBody(response: unknown): Promise<unknown> {
  const parsed = responseSchema.safeParse(response);
  if (!parsed.success || typeof response !== 'object' || response === null) return undefined;
  const body: unknown = JSON.parse(await text(parsed.data.body));
  Reflect.set(response, 'body', emptyObject);
  return body;
}

const batchSchema = z.object({
  Responses: z.record(z.string(), z.array(item)).default({}),
  UnprocessedKeys: z.record(z.string(), z.object({ Keys: z.array(keySchema) })).default({}),
});

export async function batchGetRaw(
  client: DynamoDBClient,
  input: BatchGetItemCommandInput,
): Promise<z.output<typeof batchSchema>> {
  const command = new BatchGetItemCommand(input);
  const { taken, middleware } = createTaker();
  command.middlewareStack.add(middleware, placed);
  await client.send(command);
  return batchSchema.parse(taken.body);
}
