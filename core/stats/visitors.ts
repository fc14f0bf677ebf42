import type { DayCounters } from './counters.ts';

/** Visitors and sessions of a range, from its settled dates. */
export interface VisitorStats {
  /** Null for dates that are not settled yet. */
  days: { date: string; visitors: number | null; sessions: number | null }[];
  /** Sum of daily visitors: who comes back tomorrow is another one, on purpose. Null while no date is settled. */
  visitors: number | null;
  sessions: number | null;
  /** Share of sessions with one event, 0 to 1. */
  bounceRate: number | null;
  averageSeconds: number | null;
}

/**
 * @param dates every date of the range, in order
 * @param isSettled dates without an item are zero where they are settled
 */
export function computeVisitorStats(
  dates: readonly string[],
  settled: readonly DayCounters[],
  isSettled: (date: string) => boolean,
): VisitorStats {
  const byDate = new Map(settled.map(({ date, numbers }) => [date, numbers]));
  const known = dates.filter(isSettled);
  function sum(name: string): number {
    return known.reduce((total, date) => total + (byDate.get(date)?.[name] ?? 0), 0);
  }
  const sessions = sum('sessions');
  function perSession(name: string): number | null {
    return sessions === 0 ? null : sum(name) / sessions;
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
