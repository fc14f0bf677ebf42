import type { Stats } from '#schemas/api.ts';
import type { DashboardAnswer, DashboardPart } from '#schemas/api/dashboard.ts';
import { formatInstant } from '../../format/times.ts';
import { type Kept, KeptMark } from '../../components/panel.tsx';
import { useNow } from '../../range/now.ts';

interface PartMarkProps {
  answer: DashboardAnswer | undefined;
  part: DashboardPart;
  zone: string;
}

/** Says when a part was read, where it is not from now. */
export function PartMark({ answer, part, zone }: PartMarkProps) {
  const now = useNow();
  const source = answer?.sources[part];
  return source?.stale ? <KeptMark at={formatInstant(source.asOf, zone, now)} /> : null;
}

/** Counts that came with the other parts: they stand in where the counts themselves cannot be read. */
export function keptCounts(answer: DashboardAnswer | undefined, zone: string, now: number): Kept<Stats> | undefined {
  const source = answer?.sources.current;
  return answer?.current && source ? { value: answer.current, at: formatInstant(source.asOf, zone, now) } : undefined;
}
