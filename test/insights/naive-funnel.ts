import type { EventRow } from '#schemas/event.ts';

export interface NaiveFunnel {
  /** What fills each step. */
  steps: readonly ((row: EventRow) => boolean)[];
  unitOf: (row: EventRow) => string | null;
  /** Local dates of the first step. */
  from: string;
  to: string;
  windowSeconds: number;
}

/** Returns how many units reached each step: from each start, the earliest next events, and the furthest of each unit. */
export function naiveFunnel(
  rows: readonly EventRow[],
  { steps, unitOf, from, to, windowSeconds }: NaiveFunnel,
): number[] {
  const units = Map.groupBy(
    rows.filter((row) => row.outcome === 'counted' && unitOf(row) !== null && (row.local_date ?? '') >= from),
    unitOf,
  );
  const furthest = [...units.values()].map((events) => {
    const sorted = events.toSorted((a, b) => a.occurred_at - b.occurred_at || Number(a.event_id - b.event_id));
    return Math.max(0, ...sorted.map((_, at) => follow(sorted, at)));
  });
  return steps.map((_, at) => furthest.filter((reached) => reached > at).length);

  function follow(events: readonly EventRow[], at: number): number {
    const start = events[at];
    if (start === undefined || (start.local_date ?? '') > to || !steps[0]?.(start)) return 0;
    let reached = 1;
    for (const event of events.slice(at + 1)) {
      if (event.occurred_at - start.occurred_at > windowSeconds * 1000) break;
      if (steps[reached]?.(event)) reached++;
    }
    return reached;
  }
}
