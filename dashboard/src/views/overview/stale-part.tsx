import type { Stats } from '#schemas/api.ts';
import type { DashboardResponse, DashboardPart } from '#schemas/api/dashboard.ts';
import { formatInstant } from '../../format/times.ts';
import { type Stale, StaleNote } from '../../components/panel.tsx';
import { useNow } from '../../range/use-now.ts';

interface StalePartNoteProps {
  response: DashboardResponse | undefined;
  part: DashboardPart;
  zone: string;
}

/** Says from when a stale part is. */
export function StalePartNote({ response, part, zone }: StalePartNoteProps) {
  const now = useNow();
  const source = response?.sources[part];
  return source?.stale ? <StaleNote at={formatInstant(source.asOf, zone, now)} /> : null;
}

/** Returns the totals that came with the other parts, to show while the counters are unavailable. */
export function staleStats(
  response: DashboardResponse | undefined,
  zone: string,
  now: number,
): Stale<Stats> | undefined {
  const source = response?.sources.current;
  return response?.current && source
    ? { value: response.current, at: formatInstant(source.asOf, zone, now) }
    : undefined;
}
