import type { Stats } from '#schemas/api.ts';
import { type Outcome, outcomes } from '#schemas/event.ts';
import { formatCount } from '../../format/numbers.ts';
import { Hint } from '../../components/hint.tsx';
import { Link } from '../../router/link.tsx';

/** A bar of all received events by outcome. */
export function LedgerStrip({ stats, to }: { stats: Pick<Stats, 'outcomes' | 'lost'>; to?: string }) {
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
        <b>{formatCount(total)}</b> events: <b>{formatCount(stats.outcomes.counted ?? 0)}</b> counted,{' '}
        <b>{formatCount(uncounted)}</b> not counted
        {uncounted > 0 && to !== undefined && (
          <>
            {' · '}
            <Link to={to}>See why</Link>
          </>
        )}
        {stats.lost !== null && stats.lost !== 0 && <strong className="lost"> · {formatCount(stats.lost)} lost</strong>}{' '}
        <Hint about="outcomes">
          <p>
            Every event has exactly one outcome: counted, or not counted for a named reason. The edge counts requests
            independently; a difference shows up as <b>lost</b>.
          </p>
        </Hint>
      </p>
    </div>
  );
}

/** Returns the outcomes with events, in the order of the schema. */
export function nonZeroOutcomes(counts: Partial<Record<Outcome, number>>): [Outcome, number][] {
  return outcomes.flatMap((outcome): [Outcome, number][] => {
    const count = counts[outcome] ?? 0;
    return count > 0 ? [[outcome, count]] : [];
  });
}
