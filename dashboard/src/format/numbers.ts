import { decimalsOf } from '#core/money.ts';
import { formatMoney } from '#core/stats/conversion-words.ts';

const whole = new Intl.NumberFormat('en');

/** `12,345`; a dash for an unknown number. */
export function formatCount(value: number | null): string {
  return value === null ? '–' : whole.format(value);
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `9,999` or `12.3K`, where space is tight. */
export function formatShort(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
}

const share = new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `4.2%` for 0.042. */
export function formatShare(value: number | null): string {
  return value === null ? '–' : share.format(value);
}

/** `€1,234.50 · ¥500`; a dash for an amount that is too large to be exact. */
export function formatAmounts(amounts: readonly { currency: string; amount: string | null }[]): string {
  return amounts
    .map(({ currency, amount }) => (amount === null ? `${currency} –` : formatMoney(amount, currency)))
    .join(' · ');
}

/** `€0.0123` for 1.23 cents: below a tenth, two digits more than the currency has. @param minor smallest units */
export function formatCost(minor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const amount = minor / 10 ** decimals;
  const digits = amount > 0 && amount < 0.1 ? decimals + 2 : decimals;
  return formatMoney(amount.toFixed(digits), currency);
}

/** Returns the change as a fraction; undefined if there is nothing to compare with. */
export function relativeChange(now: number | null, before: number | null): number | undefined {
  return now === null || before === null || before === 0 ? undefined : now / before - 1;
}

const change = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' });

/** `+12%`, or `×10` from ten times as much. */
export function formatChange(value: number): string {
  return value >= 9 ? `×${whole.format(Math.round(value + 1))}` : change.format(value);
}

/** `1 click`, `2 clicks`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}

/** `1 min 5 s` */
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return '–';
  const rounded = Math.round(seconds);
  return rounded < 60 ? `${rounded} s` : `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
}
