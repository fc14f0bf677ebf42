import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import type { StackOutputName } from '#schemas/stack-outputs.ts';
import { CommandFailed } from '#cli/errors.ts';
import type { Stack } from '#cli/stack.ts';

export type FunctionOutput = Extract<StackOutputName, 'SettleFunction' | 'EraseFunction' | 'ExportFunction'>;

/** Lambda ends a function after 15 minutes; then it says so itself. */
const timeout = 16 * 60_000;

/**
 * Invokes a function of the stack and waits for its answer.
 * @throws {CommandFailed} when it fails or answers something else
 */
export async function invokeFunction<T>(
  stack: Stack,
  output: FunctionOutput,
  payload: object,
  answer: z.ZodType<T>,
): Promise<T> {
  const FunctionName = stack.outputs[output];
  // Once: it may be at work although its answer did not come.
  const client = new LambdaClient({
    ...stack.clientOptions('lambda'),
    maxAttempts: 1,
    requestHandler: { requestTimeout: timeout },
  });
  try {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }),
    );
    const text = Payload ? Buffer.from(Payload).toString() : '';
    if (FunctionError) throw new CommandFailed(`${FunctionName} failed: ${describeFailure(text)}; see its log`);
    const parsed = answer.safeParse(JSON.parse(text || 'null'));
    if (!parsed.success)
      throw new CommandFailed(`${FunctionName} is not of this version: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  } catch (cause) {
    if (cause instanceof CommandFailed) throw cause;
    throw new CommandFailed(`${FunctionName} could not be invoked`, { cause });
  } finally {
    client.destroy();
  }
}

const failureSchema = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

function describeFailure(payload: string): string {
  const parsed = failureSchema.safeParse(JSON.parse(payload || 'null'));
  return parsed.success ? [parsed.data.errorType, parsed.data.errorMessage].filter(Boolean).join(': ') : payload;
}
