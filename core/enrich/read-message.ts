import { dayLength } from '#core/time.ts';
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { linkIdPattern, pagePathPattern } from '#schemas/catalog-rules.ts';
import { type ClickMessage, clickMessageSchema } from '#schemas/click-message.ts';
import { type EventType, eventTypes } from '#schemas/event.ts';
import { type Failure, failureOf } from './failure.ts';

/** One message of the click queue. */
export interface QueueRecord {
  messageId: string;
  body: string;
  /** When the queue received it, in milliseconds since the epoch. */
  sentAt: number;
}

/** The readable fields of a failed message: enough for a row that its owner can find. */
export interface Salvage {
  eventId: bigint;
  type: EventType;
  occurredAt: number;
  receivedAt: number;
  page: string | null;
  link: string | null;
  campaign: string | null;
  method: string | null;
  sdk: string | null;
}

/** `message`: can be enriched. `failed`: kept as a failed event, with what could be salvaged. */
export type ReadMessage =
  | { kind: 'message'; record: QueueRecord; message: ClickMessage; eventId: bigint }
  | { kind: 'failed'; record: QueueRecord; failure: Failure; salvage: Salvage };

/** Parses and checks one queue message. Never throws: any body results in a message or a failure. */
export function readMessage(record: QueueRecord): ReadMessage {
  const json = parseJson(record.body);
  if (!json.ok) return failed(record, failureOf('body.not-json', 'body', record.body), undefined);
  if (!isObject(json.value)) return failed(record, failureOf('body.not-an-object', 'body', json.value), undefined);
  const parsed = clickMessageSchema.safeParse(json.value);
  if (!parsed.success) return failed(record, parseFailure(json.value, parsed.error.issues[0]?.path ?? []), json.value);
  const message = parsed.data;
  const eventId = int64Of(message.id);
  const failure =
    (eventId === undefined ? failureOf('invalid.id', 'id', message.id) : undefined) ??
    evaluateTimes(message, record.sentAt) ??
    evaluateAddress(message);
  if (failure || eventId === undefined)
    return failed(record, failure ?? failureOf('invalid.id', 'id', message.id), json.value);
  return { kind: 'message', record, message, eventId };
}

function parseJson(body: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(body) };
  } catch {
    return { ok: false };
  }
}

function failed(record: QueueRecord, failure: Failure, body: unknown): ReadMessage {
  return {
    kind: 'failed',
    record,
    failure,
    salvage: salvageOf(isObject(body) ? body : {}, record),
  };
}

const campaignPattern = /^[^\p{C}]{1,128}$/u;

const methodPattern = /^[A-Z-]{1,16}$/;

const sdkPattern = /^[a-z]{1,32}$/;

/** Latest time that a `Date` can represent. */
const lastMoment = 8_640_000_000_000_000;

function salvageOf(body: Record<string, unknown>, record: QueueRecord): Salvage {
  const { receivedAt } = body;
  const replayed = body['replayed'] === true && typeof receivedAt === 'number' && receivedAt <= lastMoment;
  const clock = replayed ? Math.max(receivedAt, 0) : record.sentAt;
  function timeOr(time: unknown, otherwise: number): number {
    return fitsClock(time, clock) ? Math.trunc(time) : otherwise;
  }
  const receipt = timeOr(receivedAt, clock);
  return {
    eventId: idOf(body['id']) ?? idOfMessage(record.messageId),
    type: typeOf(body['type']),
    // Without a valid time, the event is filed under its receipt, as its request line is.
    occurredAt: Math.trunc(timeOr(body['occurredAt'], receipt)),
    receivedAt: Math.trunc(receipt),
    page: nameOf(body['page'], pagePathPattern),
    link: nameOf(body['link'], linkIdPattern),
    campaign: nameOf(body['campaign'], campaignPattern),
    method: nameOf(body['method'], methodPattern),
    sdk: nameOf(body['sdk'], sdkPattern),
  };
}

function fitsClock(time: unknown, clock: number): time is number {
  return typeof time === 'number' && Number.isFinite(time) && timeFailure('', time, clock) === undefined;
}

const minute = 60_000;

/** Allowed clock skew. */
const futureTolerance = 5 * minute;

const oldest = 30 * dayLength;

function timeFailure(field: string, time: number, clock: number): Failure | undefined {
  if (time > clock + futureTolerance) return failureOf('time.future', field, time);
  if (time < clock - oldest || time < 0) return failureOf('time.too-old', field, time);
  return undefined;
}

function idOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? int64Of(value) : undefined;
}

/** @param decimal at most 19 digits, as in the contract; some such numbers exceed 64 bits */
function int64Of(decimal: string): bigint | undefined {
  const id = BigInt(decimal);
  return BigInt.asIntN(64, id) === id ? id : undefined;
}

/** Derives an event id that is the same for every redelivery, because the queue keeps a message's id. */
function idOfMessage(messageId: string): bigint {
  return createHash('sha256').update(messageId).digest().readBigInt64BE(0);
}

function typeOf(value: unknown): EventType {
  return eventTypes.find((type) => type === value) ?? 'custom';
}

/** Returns a valid entity name or NULL: failed messages are counted too, and must not create counters of any name. */
function nameOf(value: unknown, pattern: RegExp): string | null {
  return typeof value === 'string' && pattern.test(value) ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseFailure(body: unknown, path: readonly PropertyKey[]): Failure {
  const field = path.map(String).join('.');
  // Property keys come from the sender, but rule names must come from a bounded set.
  const rule = path.length > 1 && path[0] === 'properties' ? 'properties' : field;
  return failureOf(`invalid.${rule}`, field, valueAt(body, path));
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (isObject(value) ? value[String(key)] : undefined), body);
}

function evaluateTimes(message: ClickMessage, sentAt: number): Failure | undefined {
  const { receivedAt, occurredAt } = message;
  if (receivedAt < 0 || receivedAt > lastMoment) return failureOf('invalid.receivedAt', 'receivedAt', receivedAt);
  const clock = clockOf(message, sentAt);
  return timeFailure('occurredAt', occurredAt, clock) ?? timeFailure('receivedAt', receivedAt, clock);
}

/** Returns the time to check a message against: its own if it was replayed, else the queue's. */
function clockOf(message: { replayed: boolean; receivedAt: number }, sentAt: number): number {
  return message.replayed ? message.receivedAt : sentAt;
}

function evaluateAddress({ address }: ClickMessage): Failure | undefined {
  return address !== null && isIP(address) === 0 ? failureOf('invalid.address', 'address', address) : undefined;
}

/** Builds the failed event of a message that passed the parser but that enrich could not process. */
export function failedLater(record: QueueRecord, message: ClickMessage, failure: Failure) {
  return {
    kind: 'failed' as const,
    record,
    failure,
    salvage: salvageOf({ ...message }, record),
  };
}
