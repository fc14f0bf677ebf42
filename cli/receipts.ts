import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CommandFailed } from './errors.ts';
import type { Stack } from './stack.ts';

/** Counts what the edge logged until now, the log window that is still open included. */
export async function countReceived(stack: Stack, now: number): Promise<void> {
  const client = new LambdaClient(stack.clientOptions('lambda'));
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({
      FunctionName: stack.outputs.ReceiptsFunction,
      Payload: JSON.stringify({ time: new Date(now).toISOString(), includeOpen: true }),
    }),
  );
  client.destroy();
  if (FunctionError)
    throw new CommandFailed(`functions/receipts failed: ${Payload ? Buffer.from(Payload).toString() : FunctionError}`);
}
