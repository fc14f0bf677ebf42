import { dayNumber } from '#core/detect/daily-series.ts';

/** Words and numbers of the mails. */

/** Control characters, and marks that turn the direction of what follows: a title must not reach beyond itself. */
const unprintable = /[\p{Cc}\u061c\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]+/gu;
/** More accents on one letter than any language has. */
const stacked = /(\p{M}{3})\p{M}+/gu;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const longDate = format({ weekday: 'long', day: 'numeric', month: 'long' });
const shortDate = format({ weekday: 'short', day: 'numeric' });
const dayMonth = format({ day: 'numeric', month: 'short' });
const monthName = format({ month: 'long' });

/** `Sunday 22 November`, `Sun 22`, `22 Nov`, `November` of a local date. */
export const dateWords = {
  long: (date: string): string => shown(longDate, date),
  short: (date: string): string => shown(shortDate, date),
  dayMonth: (date: string): string => shown(dayMonth, date),
  month: (date: string): string => shown(monthName, date),
} as const;

/** Text of strangers, on one line and at most so many characters long. */
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

/** In plain text: keeps a right-to-left title from turning the numbers after it. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** An expectation: three digits of it are meant, 1,002 is "about 1,000". */
export function roughly(value: number): string {
  return count(Number(value.toPrecision(value < 1000 ? 2 : 3)));
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

/** `+12 %`, `−62 %`; "from nothing" has no percentage. */
export function change(now: number, before: number): string {
  if (before <= 0) return now > 0 ? 'new' : 'unchanged';
  const share = now / before - 1;
  if (Math.abs(share) < 0.005) return 'unchanged';
  return `${share < 0 ? '−' : '+'}${percent(share)}`;
}

/** A share with as many digits as it needs: 0.4 %, 12 %; its space does not break. */
export function percent(share: number): string {
  const value = Math.abs(share) * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : whole.format(value)}\u00a0%`;
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(words);
}
