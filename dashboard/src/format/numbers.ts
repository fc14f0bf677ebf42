const whole = new Intl.NumberFormat('en');

/** `12,345`; a dash for a number that nobody knows yet. */
export function formatCount(value: number | null): string {
  return value === null ? '–' : whole.format(value);
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `12.3K`, where there is no room. */
export function formatShort(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
}

const share = new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `4.2%` of 0.042. */
export function formatShare(value: number | null): string {
  return value === null ? '–' : share.format(value);
}

/** `+12%`; undefined where there is nothing to compare with. */
export function relativeChange(now: number | null, before: number | null): number | undefined {
  return now === null || before === null || before === 0 ? undefined : now / before - 1;
}

const change = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' });

/** Above ten times as much a percentage says less than the factor. */
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
