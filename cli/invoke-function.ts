import { describeSchemaError } from '#core/field-error.ts';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import type { StackOutputName } from '#schemas/stack-outputs.ts';
import { CommandFailed } from '#cli/errors.ts';
import type { Stack } from '#cli/stack.ts';

export type FunctionOutput = Extract<
  StackOutputName,
  'SettleFunction' | 'EraseFunction' | 'ExportFunction' | 'PullFunction' | 'AlertsFunction' | 'ReceiptsFunction'
>;

/**
 * Invokes a function of the stack and returns its response.
 * @throws {CommandFailed} if it fails or returns something else
 */
export async function invokeFunction<T>(
  stack: Stack,
  output: FunctionOutput,
  payload: object,
  schema: z.ZodType<T>,
): Promise<T> {
  const FunctionName = stack.outputs[output];
  // No retries: the function may still be running although its response did not arrive.
  const client = new LambdaClient({
    ...stack.clientOptions('lambda'),
    maxAttempts: 1,
    requestHandler: { requestTimeout: timeoutMs },
  });
  try {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }),
    );
    const text = Payload ? Buffer.from(Payload).toString() : '';
    if (FunctionError) throw new CommandFailed(`${FunctionName} failed: ${describeFailure(text)}; check its log`);
    const parsed = schema.safeParse(JSON.parse(text || 'null'));
    if (!parsed.success)
      throw new CommandFailed(`${FunctionName} is of another version: ${describeSchemaError(parsed.error)}`);
    return parsed.data;
  } catch (cause) {
    if (cause instanceof CommandFailed) throw cause;
    throw new CommandFailed(`cannot invoke ${FunctionName}`, { cause });
  } finally {
    client.destroy();
  }
}

/** A little more than Lambda's limit of 15 minutes. */
const timeoutMs = 16 * 60_000;

const failureSchema = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

function describeFailure(payload: string): string {
  const parsed = failureSchema.safeParse(JSON.parse(payload || 'null'));
  return parsed.success ? [parsed.data.errorType, parsed.data.errorMessage].filter(Boolean).join(': ') : payload;
}
