import { dayNumber } from '#core/detect/daily-series.ts';

/** Control characters and direction marks: a title must not affect the text around it. */
const unprintable = /[\p{Cc}\u061c\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]+/gu;
/** More accents on one letter than any language has. */
const stacked = /(\p{M}{3})\p{M}+/gu;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const longDate = format({ weekday: 'long', day: 'numeric', month: 'long' });
const shortDate = format({ weekday: 'short', day: 'numeric' });
const dayMonth = format({ day: 'numeric', month: 'short' });
const monthName = format({ month: 'long' });
const monthYear = format({ month: 'long', year: 'numeric' });

/** Formats a local date as `Sunday 22 November`, `Sun 22`, `22 Nov`, `November` or `November 2026`. */
export const dateWords = {
  long: (date: string): string => shown(longDate, date),
  short: (date: string): string => shown(shortDate, date),
  dayMonth: (date: string): string => shown(dayMonth, date),
  month: (date: string): string => shown(monthName, date),
  monthYear: (date: string): string => shown(monthYear, date),
} as const;

/** Puts user text on one line and truncates it to `limit` characters. */
export function tidy(text: string, limit = 80): string {
  const line = text.replace(unprintable, ' ').replace(stacked, '$1').replaceAll(/\s+/g, ' ').trim();
  const shown = [...graphemes.segment(line.slice(0, limit * 8))].map(({ segment }) => segment);
  return shown.length > limit || line.length > limit * 8
    ? `${shown
        .slice(0, limit - 1)
        .join('')
        .trimEnd()}…`
    : shown.join('');
}

function shown(formatter: Intl.DateTimeFormat, date: string): string {
  return Number.isNaN(dayNumber(date)) ? date : formatter.format(dayNumber(date) * 86_400_000);
}

function format(options: Intl.DateTimeFormatOptions) {
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
}

/** Isolates text in plain-text mails, so that a right-to-left title does not reorder the numbers after it. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** Rounds an expected value: 1,002 is "about 1,000". */
export function roughly(value: number): string {
  return count(Number(value.toPrecision(value < 1000 ? 2 : 3)));
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

/** `1 view`, `1,200 clicks`. */
export function amount(value: number, unit: 'views' | 'clicks'): string {
  return `${count(value)} ${Math.round(value) === 1 ? unit.slice(0, -1) : unit}`;
}

/** Formats a change: `+12%`, `−62%`, `new` or `unchanged`. */
export function change(now: number, before: number): string {
  if (before <= 0) return now > 0 ? 'new' : 'unchanged';
  const share = now / before - 1;
  if (Math.abs(share) < 0.005) return 'unchanged';
  return `${share < 0 ? '−' : '+'}${percent(share)}`;
}

/** Formats a share: `0.4%`, `12%`. */
export function percent(share: number): string {
  const value = Math.abs(share) * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : whole.format(value)}%`;
}

/** Joins words: `a, b and c`. */
export function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(words);
}
