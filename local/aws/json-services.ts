import { z } from 'zod';
import { AwsJsonError } from '../athena/errors.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { SecretStore } from './secrets.ts';

/** Answers one operation of an AWS JSON service; errors are thrown as {@link AwsJsonError}. */
export type JsonService = (operation: string, input: unknown) => Promise<unknown>;

const filterInput = z.object({
  logGroupName: z.string().optional(),
  logGroupIdentifier: z.string().optional(),
  startTime: z.number().optional(),
  endTime: z.number().optional(),
  filterPattern: z.string().optional(),
  nextToken: z.string().optional(),
  limit: z.number().int().min(1).max(10_000).default(10_000),
});

/** CloudWatch Logs: FilterLogEvents over the log files. */
export function createLogsService(logs: LogFiles, now: () => number): JsonService {
  return async (operation, input) => {
    if (operation !== 'FilterLogEvents') throw unknownOperation('Logs', operation);
    const order = filterInput.parse(input);
    const group =
      order.logGroupName ?? order.logGroupIdentifier?.split(':log-group:').at(-1)?.replace(/:\*$/, '') ?? '';
    const matches = compilePattern(order.filterPattern ?? '');
    // `endTime` is exclusive in the documentation of FilterLogEvents.
    const found = logs
      .read(group, order.startTime ?? 0, order.endTime ?? now() + 1)
      .filter(({ message }) => matches(message));
    const from = Number(order.nextToken ?? 0);
    const page = found.slice(from, from + order.limit);
    return {
      events: page.map(({ timestamp, message }, index) => ({
        logStreamName: 'local',
        timestamp,
        ingestionTime: timestamp,
        message,
        eventId: `${timestamp}-${from + index}`,
      })),
      ...(from + order.limit < found.length ? { nextToken: String(from + order.limit) } : {}),
    };
  };
}

function unknownOperation(service: string, operation: string): AwsJsonError {
  return new AwsJsonError('UnknownOperationException', `${service}.${operation} is not offered locally`);
}

/** `{ $.message = "request" }`, terms that must all occur, or nothing. @throws {AwsJsonError} for any other pattern */
export function compilePattern(pattern: string): (message: string) => boolean {
  const text = pattern.trim();
  if (text === '') return () => true;
  const [, field, value] = /^\{\s*\$\.([A-Za-z0-9_.]+)\s*=\s*"([^"]*)"\s*\}$/.exec(text) ?? [];
  if (field !== undefined && value !== undefined) return (message) => fieldOf(message, field) === value;
  const terms = [...text.matchAll(/"([^"]+)"|([\w.]+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  if (text.startsWith('{') || terms.length === 0)
    throw new AwsJsonError('InvalidParameterException', `the filter pattern ${text} is not understood locally`);
  return (message) => terms.every((term) => message.includes(term));
}

function fieldOf(message: string, field: string): unknown {
  // Most lines are of another kind: a look at the text saves parsing them.
  if (!message.startsWith('{')) return undefined;
  try {
    return field
      .split('.')
      .reduce<unknown>(
        (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
        JSON.parse(message),
      );
  } catch {
    return undefined;
  }
}

const secretInput = z.object({ SecretId: z.string() });

/** Secrets Manager: GetSecretValue. */
export function createSecretsService(secrets: SecretStore): JsonService {
  return async (operation, input) => {
    if (operation !== 'GetSecretValue') throw unknownOperation('SecretsManager', operation);
    const { SecretId } = secretInput.parse(input);
    const secret = secrets.find(SecretId);
    if (!secret)
      throw new AwsJsonError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return {
      ARN: secret.arn,
      Name: secret.name,
      SecretString: secret.value,
      VersionId: 'local',
      VersionStages: ['AWSCURRENT'],
    };
  };
}
