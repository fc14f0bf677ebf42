import { z } from 'zod';
import { AwsJsonError } from '../athena/errors.ts';
import type { FindDenial } from '../iam/access.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { SecretStore } from './secrets.ts';

/**
 * Runs one operation of an AWS JSON service.
 * @param findDenial evaluates what the service does with the permissions of its caller. By default, all is allowed.
 * @throws {AwsJsonError}
 */
export type JsonService = (operation: string, input: unknown, findDenial?: FindDenial) => Promise<unknown>;

const filterInput = z.object({
  logGroupName: z.string().optional(),
  logGroupIdentifier: z.string().optional(),
  startTime: z.number().optional(),
  endTime: z.number().optional(),
  filterPattern: z.string().optional(),
  nextToken: z.string().optional(),
  limit: z.number().int().min(1).max(10_000).default(10_000),
});

/** Implements FilterLogEvents of CloudWatch Logs on the log files. */
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
  return new AwsJsonError('UnknownOperationException', `${service}.${operation} is not supported by the local stack`);
}

/**
 * Compiles a filter pattern: `{ $.message = "request" }`, such conditions joined by `||`, terms that must all occur, or
 * empty.
 * @throws {AwsJsonError} for any other pattern
 */
export function compilePattern(pattern: string): (message: string) => boolean {
  const text = pattern.trim();
  if (text === '') return () => true;
  const conditions = /^\{(.*)\}$/.exec(text)?.[1]?.split('||').map(compileCondition) ?? [];
  if (conditions.length > 0 && conditions.every((condition) => condition !== undefined))
    return (message) => conditions.some((holds) => holds(message));
  const terms = [...text.matchAll(/"([^"]+)"|([\w.]+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  if (text.startsWith('{') || terms.length === 0)
    throw new AwsJsonError(
      'InvalidParameterException',
      `The filter pattern ${text} is not supported by the local stack`,
    );
  return (message) => terms.every((term) => message.includes(term));
}

/** Compiles `$.message = "request"`, with or without parentheses. Returns undefined for any other condition. */
function compileCondition(condition: string): ((message: string) => boolean) | undefined {
  const bare = /^\((.*)\)$/.exec(condition.trim())?.[1] ?? condition;
  const [, field, value] = /^\s*\$\.([A-Za-z0-9_.]+)\s*=\s*"([^"]*)"\s*$/.exec(bare) ?? [];
  return field === undefined || value === undefined ? undefined : (message) => fieldOf(message, field) === value;
}

function fieldOf(message: string, field: string): unknown {
  // Skip parsing lines that aren't JSON.
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

/** Implements GetSecretValue of Secrets Manager. */
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
