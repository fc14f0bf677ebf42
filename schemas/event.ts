import * as z from 'zod';
import type { UtmColumn } from './campaign-parameters.ts';

/**
 * The event contract: one row per event, one table of fields. The zod parser, the TypeScript type, the Parquet
 * schema, the Glue columns, the SQL column list and `docs/events.md` all derive from `eventFields`.
 *
 * A new field is one line appended to the table. Never rename, retype or reorder: old files are read by name, and a
 * column that they lack reads as NULL.
 */

export const eventTypes = ['link_click', 'page_view', 'custom'] as const;
export type EventType = (typeof eventTypes)[number];

/** What became of an event. `duplicate` is decided by settle alone; every other outcome by enrich. */
export const outcomes = [
  'counted',
  'bot',
  'preview',
  'prefetch',
  'head',
  'duplicate',
  'disabled',
  'expired',
  'refused',
  'failed',
  'identify',
] as const;
export type Outcome = (typeof outcomes)[number];

/** What a custom event says about business, in the order of a purchase. */
export const conversionKinds = ['lead', 'cart', 'sale', 'refund'] as const;
export type ConversionKind = (typeof conversionKinds)[number];

export const deviceTypes = ['mobile', 'tablet', 'desktop', 'tv', 'console', 'wearable', 'embedded', 'other'] as const;
export type DeviceType = (typeof deviceTypes)[number];

export const referrerClasses = ['direct', 'search', 'social', 'email', 'ai', 'paid', 'internal', 'other'] as const;
export type ReferrerClass = (typeof referrerClasses)[number];

/** The version written into every row; raise it when the meaning of a field changes, not when one is added. */
export const eventSchemaVersion = 1;

/**
 * The version of the rules for devices, names, robots and referrers, written into every row; raise it when a rule changes
 * what a row says, and add what changed to docs/events.md.
 */
export const classifierVersion = 5;

/**
 * Column kinds. `bigint` is a signed 64-bit integer, `int` a signed 32-bit integer, `timestamp` milliseconds since
 * the epoch in UTC (a `number` in memory), `text` UTF-8, `json` UTF-8 JSON text.
 */
type FieldKind = 'bigint' | 'int' | 'timestamp' | 'text' | 'json';

export interface EventField {
  readonly kind: FieldKind;
  /** Present in every row, failed ones too. Everything else may be NULL. */
  readonly required?: true;
  readonly values?: readonly string[];
  /** Longest text kept, in UTF-16 code units; enrich cuts what is longer. */
  readonly limit?: number;
  readonly description: string;
}

export const eventFields = {
  event_id: {
    kind: 'bigint',
    required: true,
    description: '64 bits: random, or a hash of the id that its client gave it; redeliveries and retries share it',
  },
  event_type: { kind: 'text', required: true, values: eventTypes, description: 'what happened' },
  schema_version: { kind: 'int', required: true, description: 'version of this contract that wrote the row' },
  occurred_at: {
    kind: 'timestamp',
    required: true,
    description:
      'when it happened, at most 24 hours before receipt, from servers 29 days, UTC, milliseconds; decides the partition',
  },
  received_at: { kind: 'timestamp', required: true, description: 'when the edge received it, UTC, milliseconds' },
  local_hour: { kind: 'text', description: "hour in the page's time zone with its offset: `2026-11-22T07+01:00`" },
  local_date: { kind: 'text', description: "date in the page's time zone: `2026-11-22`" },
  page_path: { kind: 'text', limit: 256, description: 'the page that owns the event: `/ada`' },
  link_id: {
    kind: 'text',
    limit: 128,
    description:
      'id of the link: its code, then `~` and 8 characters: `spring~x81kd03f`; of older links the code alone',
  },
  destination_url: { kind: 'text', limit: 2048, description: 'where the click was sent' },
  link_title: { kind: 'text', limit: 300, description: 'title of the link when it was clicked' },
  campaign_id: { kind: 'text', limit: 128, description: 'campaign of the link when it was clicked' },
  outcome: { kind: 'text', required: true, values: outcomes, description: 'what became of the event' },
  outcome_rule: { kind: 'text', required: true, limit: 200, description: 'the rule that decided the outcome' },
  visitor_id: { kind: 'bigint', description: 'HMAC of address and user agent under the salt of the local date' },
  session_id: {
    kind: 'bigint',
    description: 'derived by settle for each visitor (odd); without a visitor id, from the client (even)',
  },
  repeat_key: {
    kind: 'bigint',
    description:
      'HMAC of address, port where known (then odd), user agent and target under the same salt; NULL if the client gave an id',
  },
  consented_id: {
    kind: 'text',
    limit: 128,
    description: "keyed hash of the person's id, only on pages that keep `identities` and with consent",
  },
  country: { kind: 'text', limit: 2, description: 'ISO 3166-1 alpha-2' },
  region: { kind: 'text', limit: 100, description: 'first subdivision' },
  city: { kind: 'text', limit: 100, description: 'city; NULL when the visitor asked for privacy' },
  asn: { kind: 'int', description: 'autonomous system number, from CloudFront' },
  device_type: { kind: 'text', values: deviceTypes, description: 'kind of device' },
  os: { kind: 'text', limit: 64, description: 'operating system family' },
  browser: { kind: 'text', limit: 64, description: 'browser family' },
  browser_version: { kind: 'text', limit: 16, description: 'major version of the browser' },
  bot_name: { kind: 'text', limit: 64, description: 'name of the bot or of the preview service' },
  referrer_host: { kind: 'text', limit: 253, description: 'host of the referrer, lower case, without `www.`' },
  referrer_class: { kind: 'text', values: referrerClasses, description: 'kind of source' },
  referrer_name: { kind: 'text', limit: 64, description: 'well-known name of the source: `Google`' },
  utm_source: { kind: 'text', limit: 200, description: 'UTM parameter of the request' },
  utm_medium: { kind: 'text', limit: 200, description: 'UTM parameter of the request' },
  utm_campaign: { kind: 'text', limit: 200, description: 'UTM parameter of the request' },
  utm_term: { kind: 'text', limit: 200, description: 'UTM parameter of the request' },
  utm_content: { kind: 'text', limit: 200, description: 'UTM parameter of the request' },
  language: { kind: 'text', limit: 16, description: 'first language of `accept-language`: `de-AT`' },
  properties: { kind: 'json', limit: 8192, description: 'properties of a custom event, JSON' },
  method: { kind: 'text', limit: 16, description: 'HTTP method of the request' },
  utm_id: { kind: 'text', limit: 200, description: 'UTM parameter of the request' },
  click_network: {
    kind: 'text',
    limit: 64,
    description: 'network whose click id the request had: `Google` for `gclid`; the id itself is never stored',
  },
  classifier_version: {
    kind: 'int',
    description: 'version of the rules that classified the row ([what changed](#versions-of-the-rules)); NULL is 1',
  },
  variant: {
    kind: 'text',
    limit: 1,
    description: "destination of a split test: `A` for the link's own, `B` to `E` for its variants in order; else NULL",
  },
  anonymous_id: {
    kind: 'text',
    limit: 32,
    description: 'keyed hash of the id that the person had before `consented_id`: the row [links the two](#identities)',
  },
  event_name: { kind: 'text', limit: 64, description: 'name of a custom event' },
  conversion: {
    kind: 'text',
    values: conversionKinds,
    description: 'what a custom event says about business: a lead, a cart, a sale or a refund; NULL for any other',
  },
  value_minor: {
    kind: 'bigint',
    description: "amount of a custom event in the smallest unit of `currency`: 1999 for €19.99; a refund's is negative",
  },
  currency: { kind: 'text', limit: 3, description: 'ISO 4217 code of `value_minor`' },
  import_id: {
    kind: 'text',
    limit: 26,
    description: 'the import that brought the row from another tool; NULL for every other',
  },
} as const satisfies Record<string, EventField> & Record<UtmColumn, EventField>;

type Fields = typeof eventFields;
export type EventFieldName = keyof Fields;

interface InMemory {
  bigint: bigint;
  int: number;
  timestamp: number;
  text: string;
  json: string;
}
type ValueOf<F extends EventField> = F extends { values: readonly (infer V)[] } ? V : InMemory[F['kind']];

/** One row of `raw_events` and of `settled/events`. */
export type EventRow = {
  -readonly [K in EventFieldName]: Fields[K] extends { required: true }
    ? ValueOf<Fields[K]>
    : ValueOf<Fields[K]> | null;
};

/** @throws {z.ZodError} naming the column and the offending value's type */
export function parseEventRow(row: unknown): EventRow {
  return eventRowSchema().parse(row) as EventRow;
}

/** Parses one row, as read from a file; unknown columns are dropped. */
export function eventRowSchema(fields: Readonly<Record<string, EventField>> = eventFields) {
  return z.object(Object.fromEntries(fieldEntries(fields).map(([name, field]) => [name, zodField(field)])));
}

export function fieldEntries(fields: Readonly<Record<string, EventField>> = eventFields): [string, EventField][] {
  return Object.entries(fields);
}

function zodField(field: EventField): z.ZodType {
  const type = field.values ? z.enum(field.values as readonly [string, ...string[]]) : zodOf[field.kind]();
  return field.required ? type : type.nullable();
}

/** Reads a column of each kind from a file or a query result. Functions, so that collect's bundle can leave them out. */
const zodOf: Record<FieldKind, () => z.ZodType> = {
  bigint: () =>
    z
      .bigint({ error: 'must be a 64-bit integer' })
      .min(-(2n ** 63n))
      .max(2n ** 63n - 1n),
  int: z.int32,
  timestamp: () => z.int().min(0),
  text: z.string,
  json: z.string,
};

const parquetOf = {
  bigint: { type: 'INT64' },
  int: { type: 'INT32' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} as const satisfies Record<FieldKind, { type: string; converted_type?: string }>;

/** Parquet schema elements in column order, without the root. `json` stays UTF8: Athena reads the JSON type as binary. */
export function parquetSchema(fields: Readonly<Record<string, EventField>> = eventFields) {
  return fieldEntries(fields).map(([name, field]) => ({
    name,
    ...parquetOf[field.kind],
    repetition_type: field.required ? ('REQUIRED' as const) : ('OPTIONAL' as const),
  }));
}

const glueOf: Record<FieldKind, string> = {
  bigint: 'bigint',
  int: 'int',
  timestamp: 'timestamp',
  text: 'string',
  json: 'string',
};

/** Columns of the Glue tables, partition keys excluded. */
export function glueColumns(fields: Readonly<Record<string, EventField>> = eventFields) {
  return fieldEntries(fields).map(([name, field]) => ({ name, type: glueOf[field.kind], comment: field.description }));
}

/** The table of `docs/events.md`. */
export function eventFieldsMarkdown(fields: Readonly<Record<string, EventField>> = eventFields): string {
  return [
    '| field | type | always there | meaning |',
    '|---|---|---|---|',
    ...fieldEntries(fields).map(
      ([name, field]) => `| \`${name}\` | ${typeText(field)} | ${field.required ? 'yes' : ''} | ${field.description} |`,
    ),
  ].join('\n');
}

function typeText(field: EventField): string {
  const base = field.values ? field.values.map((value) => `\`${value}\``).join(', ') : glueOf[field.kind];
  return field.limit ? `${base} (≤ ${field.limit})` : base;
}
