import { formatCount } from '../../format/numbers.ts';
import { Link } from '../../router/link.tsx';
import { pagePath } from '../../router/routes.ts';
import { minutesOfNow, sumMinutes, useRealtime } from './realtime.ts';

const refreshMs = 15_000;

/** What happens on a page now; leads to its live view. Nothing while it loads or fails. @param page its path without the slash */
export function Now({ page }: { page: string }) {
  const live = useRealtime(page, { refetchInterval: refreshMs });
  if (live.data === undefined || live.isError) return null;
  const last = minutesOfNow(live.data.minutes);
  const count = sumMinutes(last, 'views') + sumMinutes(last, 'clicks');
  return (
    <Link to={pagePath(page, 'live')} className="now" title="Views and clicks of the last five minutes">
      <span className={count > 0 ? 'pulse' : 'pulse still'} aria-hidden="true" /> {formatCount(count)} now
    </Link>
  );
}
