import type { z } from 'zod';

/** One invalid field: what was sent, and what is allowed. */
export interface FieldError {
  /** `countryUrls.DE`, `alerts.recipients[1]` */
  field: string;
  /** Null if it was missing. */
  value: string | null;
  /** What the field must be: `an ISO 8601 date-time`. */
  allowed: string;
}

/**
 * Returns the error as a sentence.
 * @example describeFieldError({ field: 'expiresAt', value: 'tomorrow', allowed: 'an ISO 8601 date-time' })
 * // '`expiresAt` must be an ISO 8601 date-time; got `tomorrow`.'
 */
export function describeFieldError({ field, value, allowed }: FieldError): string {
  if (allowed === unknownField) return `\`${field}\` is not a known field or parameter.`;
  return value === null
    ? `\`${field}\` must be ${allowed}.`
    : `\`${field}\` must be ${allowed}; got \`${shorten(value)}\`.`;
}

/** What `allowed` says about an unknown field. */
export const unknownField = 'a known field or parameter';

function shorten(value: string): string {
  return value.length > 120 ? `${value.slice(0, 120)}…` : value;
}

/**
 * Returns where data differs from its schema, as one line that names each field, also those that are not known.
 * `root` is how to call the data itself.
 * @example describeSchemaError(error) // 'Statement[0].Condition.IpAddress: Unrecognized key: "IpAddress"'
 */
export function describeSchemaError(error: z.ZodError, root = 'value'): string {
  return error.issues
    .flatMap((issue) => pathsOf(issue).map((path) => `${formatPath(path) || root}: ${issue.message}`))
    .join('; ');
}

/** Returns the path of each field that an issue is about; an issue about unknown fields names only what holds them. */
export function pathsOf(issue: z.core.$ZodIssue): readonly PropertyKey[][] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

/** `alerts.recipients[1]` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, step) =>
      typeof step === 'number' ? `${name}[${step}]` : name === '' ? String(step) : `${name}.${String(step)}`,
    '',
  );
}

/** Returns what zod expected, as a phrase that follows "must be". A schema's own message takes precedence. */
export function describeIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? `of type ${issue.expected}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_format':
      return describeFormat(issue.format, issue.pattern);
    case 'too_big':
      return describeSize('at most', issue.maximum, issue.origin);
    case 'too_small':
      return describeSize('at least', issue.minimum, issue.origin);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return unknownField;
    case 'invalid_union':
      return describeUnion(issue.errors);
    case 'invalid_key':
      return `a name that is ${issue.issues[0]?.message ?? 'valid'}`;
    case 'invalid_element':
    case 'custom':
      return 'valid';
    default:
      return issue satisfies never;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a date',
};

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`;
}

const formatNames: Readonly<Record<string, string>> = {
  datetime: 'an ISO 8601 date-time such as 2026-11-22T07:00:00Z',
  date: 'a date such as 2026-11-22',
  email: 'an email address',
  url: 'a URL',
};

function describeFormat(format: string, pattern: string | undefined): string {
  return formatNames[format] ?? `text that matches ${pattern ?? format}`;
}

function describeSize(bound: 'at most' | 'at least', limit: number | bigint, origin: string): string {
  if (origin === 'string') return `${bound} ${limit} characters long`;
  if (origin === 'array' || origin === 'set') return `a list of ${bound} ${limit} items`;
  return `${bound} ${limit}`;
}

/** Lists the choices of a union of literals; names only the first alternative of any other union. */
function describeUnion(alternatives: readonly (readonly z.core.$ZodIssue[])[]): string {
  const values = alternatives.flatMap(([issue]) => (issue?.code === 'invalid_value' ? issue.values : []));
  return values.length === alternatives.length && values.length > 0 ? oneOf(values) : 'valid';
}
