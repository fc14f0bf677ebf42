import type { Stats } from '#schemas/api.ts';
import { type Outcome, outcomes } from '#schemas/event.ts';
import { formatCount } from '../../format/numbers.ts';
import { Hint } from '../../components/hint.tsx';
import { Link } from '../../router/link.tsx';

/** One bar: everything that was received, by what became of it. */
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
        <b>{formatCount(uncounted)}</b> not
        {uncounted > 0 && to !== undefined && (
          <>
            {' – '}
            <Link to={to}>why?</Link>
          </>
        )}
        {stats.lost !== null && stats.lost !== 0 && <strong className="lost"> · {formatCount(stats.lost)} lost</strong>}{' '}
        <Hint about="what was received">
          <p>
            Every request ends in exactly one outcome: it is counted, or it is not for a reason that has a name.
            Requests are also counted at the edge, on their own; what is missing between the two would show here as{' '}
            <b>lost</b>.
          </p>
        </Hint>
      </p>
    </div>
  );
}

/** Events by outcome, in the contract's order, without the empty ones. */
export function nonZeroOutcomes(counts: Partial<Record<Outcome, number>>): [Outcome, number][] {
  return outcomes.flatMap((outcome): [Outcome, number][] => {
    const count = counts[outcome] ?? 0;
    return count > 0 ? [[outcome, count]] : [];
  });
}
