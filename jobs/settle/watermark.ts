import { hourAt, hourName, parseHourName, startOf, type UtcHour } from '#core/settle/hours.ts';
import { hourLength } from '#core/time.ts';
import { createStep } from './visit.ts';

/** Tells readers up to when hours are settled: not past an hour whose run was refused. */
export const moveWatermark = createStep({
  units: async ({ watermark = 0, closedThrough, summary }) => {
    if (summary.state === 'unfinished') return [];
    const stuck = summary.refused.map(({ hour }) => startOf(parseHourName(hour))).filter((start) => start >= watermark);
    const reached = Math.min(closedThrough, ...stuck);
    return reached > watermark ? [reached] : [];
  },
  run: async ({ deps, watermark, summary }, reached) => {
    for (const hour of listSecondLooks(watermark ?? reached, reached)) await deps.dirty.mark(hourName(hour));
    await deps.state.advance(reached);
    await deps.rollups.advance(reached);
    summary.through = reached;
  },
});

/**
 * Hours after which settle lists an hour again, in case S3 announced a late file to nobody: nothing else marks that hour. A
 * file that comes later yet is found by retention, which deletes no file that is in no run.
 */
const secondLooks = [24, 7 * 24];

/** Most hours that are marked at once, after a settle that did not run for long. */
const mostHours = 31 * 24;

/** Lists the hours that a watermark passes by these distances, when it moves. */
export function listSecondLooks(from: number, to: number): UtcHour[] {
  const start = Math.max(from, to - mostHours * hourLength);
  return secondLooks.flatMap((distance) => {
    const hours: UtcHour[] = [];
    for (let at = start - distance * hourLength; at < to - distance * hourLength; at += hourLength)
      hours.push(hourAt(at));
    return hours;
  });
}
