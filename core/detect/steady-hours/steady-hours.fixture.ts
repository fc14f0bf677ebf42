import { localTimeOf } from '#core/enrich/local-time.ts';
import { type HourlyCount, hourSlot } from '../hourly-series.ts';

/** Past both clock changes of a year, the second one in the evaluated days. */
export const steadyStart = Date.UTC(2026, 7, 10);
export const steadyDays = 84;

/** About 15,000 views a day that vary by 3 %, with the days and hours of the week. */
export function steady({
  zone = 'UTC',
  level = 625,
  spread = 0.03,
  length = steadyDays,
  from = steadyStart,
} = {}): HourlyCount[] {
  return Array.from({ length: length * 24 }, (_, index) => {
    const { hour } = localTimeOf(zone, from + index * 3_600_000);
    const slot = hourSlot(hour);
    const weekend = (slot?.weekday ?? 0) === 2 || (slot?.weekday ?? 0) === 3 ? 0.7 : 1;
    const share = (1 + 0.6 * Math.sin((2 * Math.PI * ((slot?.hour ?? 0) - 8)) / 24)) * weekend;
    const varied = Math.exp(spread * (noise(Math.floor(index / 24)) + noise(index + 0.5)));
    return { hour, views: Math.round(level * share * varied + noise(index + 0.25) * Math.sqrt(level * share)) };
  });
}

/** A reproducible number with mean 0 and standard deviation 1. */
function noise(seed: number): number {
  const uniform = [1, 2, 3].map((part) => Math.abs(Math.sin(seed * 12.9898 + part * 78.233) * 43_758.5453) % 1);
  return 2 * uniform.reduce((sum, each) => sum + each, -1.5);
}

export function changed(counts: readonly HourlyCount[], from: number, hours: number, factor: number): HourlyCount[] {
  return counts.map((count, index) =>
    index >= from && index < from + hours ? { ...count, views: Math.round(count.views * factor) } : count,
  );
}
