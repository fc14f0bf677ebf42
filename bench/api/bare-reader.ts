import {
  BatchGetItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { Hono } from 'hono';

type Send = DynamoDBClient['send'];
/** One call of a client, as it was made. */
type Call = Parameters<Send>;

/** The opponent of a bench: a bare Hono route that reads the same bytes from the same table. */
export interface BareReader {
  /** Runs something, and keeps the reads that the recorded client makes meanwhile under a name. */
  record: (name: string, run: () => Promise<unknown>) => Promise<void>;
  /** Repeats the calls of a name, all at once, and responds with what they return as JSON. */
  request: (name: string) => Promise<Response>;
}

export function createBareReader(recorded: DynamoDBClient, config: DynamoDBClientConfig): BareReader {
  const plain = new DynamoDBClient(config);
  const callsByName = new Map<string, Call[]>();
  let recording: Call[] | undefined;
  const send = recorded.send.bind(recorded);
  Object.assign(recorded, {
    send: (...call: Call) => {
      if (reads.some((read) => call[0] instanceof read)) recording?.push(call);
      return send(...call);
    },
  });

  const app = new Hono();
  app.get('/:name', async (context) => {
    const calls = callsByName.get(decodeURIComponent(context.req.param('name'))) ?? [];
    return context.json(await Promise.all(calls.map(([command]) => plain.send(copyOf(command)))));
  });
  return {
    record: async (name, run) => {
      recording = [];
      await run();
      callsByName.set(name, recording);
      recording = undefined;
    },
    request: async (name) => app.request(`/${encodeURIComponent(name)}`),
  };
}

const reads = [BatchGetItemCommand, GetItemCommand, QueryCommand];

/** A command keeps the middleware of the client that sent it. */
function copyOf(command: Call[0]): Call[0] {
  return Reflect.construct(command.constructor, [command.input]);
}
