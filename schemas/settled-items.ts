/**
 * Items of `rollups` that settle writes, beside `final` on hourly items. They stay for ever.
 *
 * `d#2026-11-22` one local date of an entity: attributes of an hourly item without its minutes, and `visitors`,
 *   `sessions`, `bounces` (sessions of one event), `milliseconds` (sum of the sessions' durations).
 * `t#2026-11-22` its top lists, longest first: attribute per list (city, host, link, utm_source, utm_medium,
 *   utm_campaign, language, entry_referrer, entry_page), each `[[value, clicks, views], …]`.
 * `m#2026-11` attribute `22` per date: `{ views, clicks, visitors, sessions }`.
 *
 * A date is settled in a zone when it ends there at or before the instant of `progressKeys.settled`.
 */
export const dayKey = (localDate: string): string => `d#${localDate}`;
export const topsKey = (localDate: string): string => `t#${localDate}`;
export const monthKey = (localDate: string): string => `m#${localDate.slice(0, 7)}`;
/** Attribute of a date in its month's item. */
export const monthAttribute = (localDate: string): string => localDate.slice(8, 10);

/** Run that wrote the settled numbers of an item: a later one replaces them, an earlier one does not. */
export const finalRunAttribute = 'finalRun';

/** Entries of one top list. */
export const topListLength = 25;

export const dayPeopleAttributes = ['visitors', 'sessions', 'bounces', 'milliseconds'] as const;

export interface MonthDay {
  views: number;
  clicks: number;
  visitors: number;
  sessions: number;
}
