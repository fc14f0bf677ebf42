import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { StoreUnavailable } from '../errors.ts';

/** Starts a function, without waiting for it. @throws {StoreUnavailable} */
export async function startFunction(client: LambdaClient, name: string, payload: object): Promise<void> {
  const Payload = Buffer.from(JSON.stringify(payload), 'utf8');
  try {
    await client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload }));
  } catch (cause) {
    throw new StoreUnavailable(`${name} could not be started`, { cause });
  }
}
