import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TestDynamoDb } from './dynamodb.ts';

/** What happens to one call: it passes; the process dies before it is sent, or after it took effect. */
export type Fault = 'pass' | 'die-before' | 'die-after';

export class Died extends Error {
  override readonly name = 'Died';
}

/** Returns whether the simulated process died: stores wrap the error of the call as their cause. */
export function isDeath(error: unknown): boolean {
  return error instanceof Died || (error instanceof Error && isDeath(error.cause));
}

/** A client of the same tables whose calls of one command meet the given fate in turn; later calls pass. */
export function faultyClient(db: TestDynamoDb, command: string, faults: readonly Fault[]): DynamoDBClient {
  const client = new DynamoDBClient({
    endpoint: db.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const fate = faults.values();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] !== command) return next(args);
      const fault = fate.next().value ?? 'pass';
      if (fault === 'die-before') throw new Died(`before ${command}`);
      const answer = await next(args);
      if (fault === 'die-after') throw new Died(`after ${command}`);
      return answer;
    },
    { step: 'initialize' },
  );
  return client;
}
