import type { Stats } from '#schemas/api.ts';
import { formatInstant } from '../format/times.ts';
import { Hint } from './hint.tsx';

interface FreshnessProps {
  source: Stats['source'];
  freshness: Stats['freshness'];
  zone: string;
  now: number;
}

/** How fresh the numbers beside it are, and why they may still move. */
export function Freshness({ source, freshness, zone, now }: FreshnessProps) {
  const settled = freshness.settledThrough;
  return (
    <p className="freshness">
      <span className="pulse" aria-hidden="true" />
      <span>
        {source === 'lake' ? 'From the stored events, read at ' : 'Live at '}
        {formatInstant(freshness.hot, zone, now)}
        {settled === null ? ' · no hour settled yet' : ` · exact before ${formatInstant(settled, zone, now)}`}
      </span>
      <Hint about="how fresh these numbers are">
        <p>
          <b>Live</b> counters follow a click within seconds. Once an hour has closed it is counted again from the
          stored events, and from then on it is <b>exact</b>.
        </p>
        <p>
          A number may <b>fall a little</b> when its hour settles: a double tap, or an event that arrived twice, is then
          found and counted once. It may rise when an event arrived late.
        </p>
        <p>
          With a filter that the counters do not hold, the <b>stored events</b> are asked: exact, but only up to the
          last hour that has settled.
        </p>
        <p>
          Unique visitors, sessions, cities and sites <b>appear later</b>, when the day has settled.
        </p>
      </Hint>
    </p>
  );
}
