import type { MonthDay } from '#schemas/counters.ts';

/**
 * Items of the `rollups` table. The partition key names the entity (`page#/ada`), the sort key the kind and the time:
 *
 * `h#2026-11-22T07+01:00` hot counters of a local hour, for `ADD`; settle adds the map `final` to it.
 * `q#2026-11-22T07+01:00` requests that the edge logged for it, by log window (`20261122T0715`), and refused requests that
 *   were only counted, by log window and rule (`20261122T0715 refused.origin`); set, not added. They are separate from the
 *   counters: a month of them is read without a month of counters, and an `ADD` to a small item costs less.
 *
 * Settle writes the rest. These items are kept forever, except `o#`.
 *
 * `d#2026-11-22` one local date of an entity: the counters of its hours without minutes, and `visitors`, `sessions`,
 *   `bounces` (sessions of one event), `milliseconds` (sum of the sessions' durations).
 * `t#2026-11-22` its top lists, except of campaigns, most frequent values first: by list (city, host, link, utm_source, utm_medium, utm_campaign,
 *   language, entry_referrer, entry_page), each `[[value, clicks, views], …]`.
 * `m#2026-11` attribute `22` per date: the text `<time of the run> <views> <clicks> <visitors> <sessions>`.
 * `k#2026-11-22` of pages only: measures of their custom metrics, by metric and version (`core/metrics/measures.ts`).
 * `metrics` of pages only: which metrics these are, and how far their history has come.
 * `o#2026-11-22` of pages only: the settled hours of a local date, attribute `07+01:00` per hour:
 *   the text `<time of the run> <views> <clicks>`. Reading today for a hundred pages takes a hundred small items instead
 *   of 2,000 hours; a missing hour is read from its own item. They expire with the hours.
 *
 * Imports of counts from other tools write these. They are no events: settle, the ledger and detection do not read them.
 *
 * `i#2026-11` counts of the dates of a month, by import and date (`schemas/history/imported-counts.ts`), with a `revision`.
 * `i#total` totals without dates, by import, and of pages the first and last date of each import.
 * `ii#<import>#00000` of pages only: the links that an import has written to, written before their counts, so that it can
 *   be undone.
 *
 * Days and lists are always written and read whole, so each is one attribute: `packed`, JSON compressed with zstd.
 * Separate attributes take four to six times as many capacity units and bytes.
 *
 * A date is settled in a zone when it ends there at or before the instant of `progressKeys.settled`.
 */
export function hourKey(localHour: string): string {
  return `h#${localHour}`;
}

export function receivedKey(localHour: string): string {
  return `q#${localHour}`;
}

/** Returns the attribute of refused requests that were only counted: `20261122T0715 refused.origin`. */
export function refusedAttribute(window: string, rule: string): string {
  return `${window} ${rule}`;
}

/** Returns the rule of such an attribute; undefined for any other. */
export function ruleOfAttribute(name: string): string | undefined {
  const space = name.indexOf(' ');
  return space < 0 ? undefined : name.slice(space + 1);
}

/** Returns `2026-11-22T07+01:00` of an hour's sort key, of counters or of received requests. */
export function parseHourKey(sk: string): string {
  return sk.slice(hourKey('').length);
}

export function dayKey(localDate: string): string {
  return `d#${localDate}`;
}

export function topListsKey(localDate: string): string {
  return `t#${localDate}`;
}

export function metricsKey(localDate: string): string {
  return `k#${localDate}`;
}

export const filledMetricsKey = 'metrics';

export function monthKey(localDate: string): string {
  return `m#${localDate.slice(0, 7)}`;
}

export function importedMonthKey(month: string): string {
  return `i#${month}`;
}

/** It sorts after every month. */
export const importedTotalsKey = 'i#total';

export function importedLinksKey(importId: string, number: number): string {
  return `ii#${importId}#${fiveDigits(number)}`;
}

export function openDayKey(localDate: string): string {
  return `o#${localDate}`;
}

/**
 * Keys of what makes counting exact, in the partition of a raw file: the file's claim, which names its group by the file that
 * leads it; and for the leader, the updates of each later transaction with the marker that they are added. Before merged
 * groups, claims were chunks with an attribute `covers`, numbered from 0.
 */
export const fileKeys = {
  partition: (rawKey: string) => `file#${rawKey}`,
  claim: (rawKey: string, number = 0) => ({ pk: fileKeys.partition(rawKey), sk: `c#${fiveDigits(number)}` }),
  updates: (leader: string, number: number) => ({ pk: fileKeys.partition(leader), sk: `u#${fiveDigits(number)}` }),
  added: (leader: string, number: number) => ({ pk: fileKeys.partition(leader), sk: `a#${fiveDigits(number)}` }),
} as const;

function fiveDigits(number: number): string {
  return String(number).padStart(5, '0');
}

/** Each job's watermark (`at`, an ISO instant), and the record of each receipts window. */
export const progressKeys = {
  received: { pk: 'receipts#', sk: 'through' },
  receiptsWindow: (window: string) => ({ pk: 'receipts#', sk: `w#${window}` }),
  settled: { pk: 'settle#', sk: 'through' },
} as const;

/** An hour whose raw files settle lists again: `2026-11-22T07`. */
export function dirtyHourKey(hour: string) {
  return { pk: 'settle#', sk: `dirty#${hour}` };
}

/** Map of settled counters on an hourly item, by the same names; readers prefer it to the hot counters. */
export const finalAttribute = 'final';

/** Run that wrote the settled counters of an item: a later run replaces them, an earlier one does not. */
export const finalRunAttribute = 'finalRun';

/** Compressed content of a day or of its lists. */
export const packedAttribute = 'packed';

/** Returns the attribute of a date in its month's item. */
export function monthAttribute(localDate: string): string {
  return localDate.slice(8, 10);
}

export function monthDayText(run: string, { views, clicks, visitors, sessions }: MonthDay): string {
  return countsText(run, [views, clicks, visitors, sessions]);
}

/** Returns undefined for any other text. */
export function parseMonthDay(text: string): MonthDay | undefined {
  const [views, clicks, visitors, sessions] = parseCounts(text, 4) ?? [];
  if (views === undefined || clicks === undefined || visitors === undefined || sessions === undefined) return undefined;
  return { views, clicks, visitors, sessions };
}

/** Returns the attribute of an hour (`2026-11-22T07+01:00`) in the item of its date. */
export function openHourAttribute(hour: string): string {
  return hour.slice(11);
}

export function openHourText(run: string, { views = 0, clicks = 0 }: Readonly<Record<string, number>>): string {
  return countsText(run, [views, clicks]);
}

/** Returns undefined for any other text. */
export function parseOpenHour(text: string): { views: number; clicks: number } | undefined {
  const [views, clicks] = parseCounts(text, 2) ?? [];
  return views === undefined || clicks === undefined ? undefined : { views, clicks };
}

/** The time of a ULID. No two runs start in the same millisecond, so it orders them in a third of the space. */
const runTimeLength = 10;

/** Joins counts to a text; a later run's sorts after an earlier one's. @param run a ULID */
function countsText(run: string, counts: readonly number[]): string {
  return [run.slice(0, runTimeLength), ...counts].join(' ');
}

function parseCounts(text: string, length: number): number[] | undefined {
  const counts = text.split(' ').slice(1);
  return counts.length === length && counts.every((count) => /^\d+$/.test(count)) ? counts.map(Number) : undefined;
}
