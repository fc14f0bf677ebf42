import { parseHourName, startOf } from '#core/settle/hours.ts';
import { createStep } from './visit.ts';

/** Tells readers up to when hours are settled: not past an hour whose run was refused. */
export const moveWatermark = createStep({
  units: async ({ watermark = 0, closedThrough, summary }) => {
    if (summary.state === 'unfinished') return [];
    const stuck = summary.refused.map(({ hour }) => startOf(parseHourName(hour))).filter((start) => start >= watermark);
    const reached = Math.min(closedThrough, ...stuck);
    return reached > watermark ? [reached] : [];
  },
  run: async ({ deps, summary }, reached) => {
    await deps.state.advance(reached);
    await deps.rollups.advance(reached);
    summary.through = reached;
  },
});
