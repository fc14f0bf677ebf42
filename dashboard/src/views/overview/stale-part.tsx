import type { Stats } from '#schemas/api.ts';
import type { DashboardResponse, DashboardPart } from '#schemas/api/dashboard.ts';
import { formatInstant } from '../../format/times.ts';
import { type Stale, StaleNote } from '../../components/panel.tsx';
import { useNow } from '../../range/use-now.ts';

interface StalePartNoteProps {
  answer: DashboardResponse | undefined;
  part: DashboardPart;
  zone: string;
}

/** Says from when a stale part is. */
export function StalePartNote({ answer, part, zone }: StalePartNoteProps) {
  const now = useNow();
  const source = answer?.sources[part];
  return source?.stale ? <StaleNote at={formatInstant(source.asOf, zone, now)} /> : null;
}

/** Returns the totals that came with the other parts, to show while the counters are unavailable. */
export function staleStats(answer: DashboardResponse | undefined, zone: string, now: number): Stale<Stats> | undefined {
  const source = answer?.sources.current;
  return answer?.current && source ? { value: answer.current, at: formatInstant(source.asOf, zone, now) } : undefined;
}
