import type { Stats } from '#schemas/api.ts';
import { type Outcome, outcomes } from '#schemas/event.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatInstant } from '../../format/times.ts';
import { Link } from '../../router/link.tsx';

interface LedgerStripProps {
  stats: Pick<Stats, 'outcomes' | 'lost' | 'surplus' | 'surplusSettlesAt'>;
  zone: string;
  now: number;
  /** Path of the ledger. */
  to?: string;
}

/** A bar of all received events by outcome. */
export function LedgerStrip({ stats, zone, now, to }: LedgerStripProps) {
  const present = nonZeroOutcomes(stats.outcomes);
  const total = present.reduce((sum, [, count]) => sum + count, 0);
  const uncounted = total - (stats.outcomes.counted ?? 0);
  if (total === 0) return null;
  return (
    <div className="ledger-strip">
      <div className="strip" aria-hidden="true">
        {present.map(([outcome, count]) => (
          <i key={outcome} className={`outcome-${outcome}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <p>
        <b>{formatCount(total)}</b> {total === 1 ? 'event' : 'events'}:{' '}
        <b>{formatCount(stats.outcomes.counted ?? 0)}</b> counted, <b>{formatCount(uncounted)}</b> not counted
        {uncounted > 0 && to !== undefined && (
          <>
            {'\u00a0· '}
            <Link to={to}>See why</Link>
          </>
        )}
        {stats.lost !== null && stats.lost > 0 && <strong className="lost"> · {formatCount(stats.lost)} lost</strong>}
        {stats.surplus !== null && stats.surplus > 0 && ` · ${surplusText(stats, zone, now)}`}
      </p>
    </div>
  );
}

/** `6 counted twice so far; settles by 15:12` */
function surplusText(stats: LedgerStripProps['stats'], zone: string, now: number): string {
  const count = formatCount(stats.surplus);
  const at = stats.surplusSettlesAt;
  if (at === null) return `${count} more than requests`;
  const when = Date.parse(at) > now ? `by ${formatInstant(at, zone, now)}` : 'within the next hour';
  return `${count} counted twice so far; settles ${when}`;
}

/** Returns the outcomes with events, in the order of the schema. */
export function nonZeroOutcomes(counts: Partial<Record<Outcome, number>>): [Outcome, number][] {
  return outcomes.flatMap((outcome): [Outcome, number][] => {
    const count = counts[outcome] ?? 0;
    return count > 0 ? [[outcome, count]] : [];
  });
}
