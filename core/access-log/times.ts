import { parseTime } from '#core/imports/parse-time.ts';
import { isDate } from '#core/ledger/time-range.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const bracketPattern = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/;

/** Converts `17/May/2015:10:05:03 +0000` to milliseconds. Returns NaN for anything else, including 31 June. */
export function readBracketTime(text: string): number {
  const [, day, name, year, clock, hours, minutes] = bracketPattern.exec(text) ?? [];
  const month = months.indexOf(name ?? '') + 1;
  if (!day || !month) return Number.NaN;
  const date = `${year}-${String(month).padStart(2, '0')}-${day}`;
  return isDate(date) ? Date.parse(`${date}T${clock}${hours}:${minutes}`) : Number.NaN;
}

const utcPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?$/;

/** Converts `2026-11-22T07:00:00` in UTC, also with fractions and `Z`. Returns NaN for anything else. */
export function readUtcTime(text: string): number {
  if (!utcPattern.test(text) || !isDate(text.slice(0, 10))) return Number.NaN;
  return Date.parse(text.endsWith('Z') ? text : `${text}Z`);
}

/**
 * Converts a time with its zone, or a number since the epoch in seconds, milliseconds, microseconds or nanoseconds. Returns
 * NaN for anything else, such as a time that names no zone.
 */
export function readAnyTime(value: unknown): number {
  if (typeof value === 'number') return readEpoch(value);
  if (typeof value !== 'string') return Number.NaN;
  if (/^\d+(?:\.\d+)?$/.test(value)) return readEpoch(Number(value));
  const found = parseTime(value, undefined);
  return found.kind === 'time' ? Date.parse(found.text) : readBracketTime(value);
}

/** Seconds reach 1e11 in the year 5138, milliseconds 1e14, and so on. */
function readEpoch(value: number): number {
  if (!Number.isFinite(value) || value < 0) return Number.NaN;
  const unit = [1e11, 1e14, 1e17].findIndex((limit) => value < limit);
  return Math.floor(value * ([1e3, 1, 1e-3][unit] ?? 1e-6));
}
