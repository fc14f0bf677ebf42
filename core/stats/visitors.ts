import type { TrafficUnit } from '#core/alerts/page-history.ts';
import type { DayCounters } from './counters.ts';

/** Visitors and sessions of the settled dates of a range. */
export interface VisitorStats {
  /** Null for dates that are not settled. */
  days: { date: string; visitors: number | null; sessions: number | null }[];
  /** Sum of daily visitors: for privacy, a visitor who returns on another day counts again. Null if no date is settled. */
  visitors: number | null;
  sessions: number | null;
  /** Share of the sessions with one event, from 0 to 1. Null if clicks lead: a visit that follows a link is one click. */
  bounceRate: number | null;
  averageSeconds: number | null;
}

/**
 * @param dates every date of the range, in order
 * @param isSettled a settled date without an item has no visitors; for other dates they are unknown
 * @param unit the leading unit of the range
 */
export function computeVisitorStats(
  dates: readonly string[],
  settled: readonly DayCounters[],
  isSettled: (date: string) => boolean,
  unit: TrafficUnit,
): VisitorStats {
  const byDate = new Map(settled.map(({ date, numbers }) => [date, numbers]));
  const known = dates.filter(isSettled);
  function sum(name: string): number {
    return known.reduce((total, date) => total + (byDate.get(date)?.[name] ?? 0), 0);
  }
  const sessions = sum('sessions');
  function perSession(name: string): number | null {
    return sessions === 0 || unit === 'clicks' ? null : sum(name) / sessions;
  }
  const milliseconds = perSession('milliseconds');
  return {
    days: dates.map((date) => {
      const numbers = byDate.get(date);
      function of(name: string): number | null {
        return isSettled(date) ? (numbers?.[name] ?? 0) : null;
      }
      return { date, visitors: of('visitors'), sessions: of('sessions') };
    }),
    visitors: known.length === 0 ? null : sum('visitors'),
    sessions: known.length === 0 ? null : sessions,
    bounceRate: perSession('bounces'),
    averageSeconds: milliseconds === null ? null : milliseconds / 1000,
  };
}
