import type { ReactNode } from 'react';
import type { Stats } from '#schemas/api.ts';
import { formatCount, formatShare } from '../../format/numbers.ts';
import { type Measure, measureName } from '../../format/traffic.ts';
import { Delta } from '../../components/delta.tsx';

interface FiguresProps {
  stats: Stats;
  before: Stats | undefined;
  /** In the order of importance. */
  measures: readonly Measure[];
}

export function Figures({ stats, before, measures }: FiguresProps) {
  const { totals } = stats;
  function change(name: keyof Stats['totals']): ReactNode {
    return before && <Delta now={totals[name]} before={before.totals[name]} />;
  }
  return (
    <dl className="figures">
      {measures.map((name, at) => (
        <Figure
          key={name}
          main={at === 0}
          name={measureName(name)}
          tone={name === 'customEvents' ? 'views' : name}
          value={formatCount(totals[name])}
        >
          {change(name)}
        </Figure>
      ))}
      {totals.ctr !== null && totals.clicks > 0 && (
        <Figure name="Click-through rate" value={formatShare(totals.ctr)}>
          {change('ctr')}
        </Figure>
      )}
      <Figure name="Daily uniques" value={formatCount(totals.uniques)}>
        {change('uniques')}
      </Figure>
      <Figure name="Sessions" value={formatCount(totals.sessions)}>
        {change('sessions')}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  name: ReactNode;
  value: string;
  tone?: 'views' | 'clicks' | 'ctr';
  /** The most important one. */
  main?: boolean;
  /** What stands after the value, such as its change. */
  children?: ReactNode;
}

/** One number of a `dl.figures`. */
export function Figure({ name, value, tone, main = false, children }: FigureProps) {
  return (
    <div className={`figure ${tone ?? ''} ${main ? 'main' : ''}`}>
      <dt>{name}</dt>
      <dd>
        <span className="figure-value">{value}</span>
        {children}
      </dd>
    </div>
  );
}

/** What the figures count. */
export function FigureMeanings({ stats: { totals, conversions } }: { stats: Stats }) {
  return (
    <>
      <p>
        <b>Views</b> are how often people opened the page, <b>clicks</b> how often they followed a link. Bots, previews
        and prefetches are not counted; a double tap counts once after the hour has settled.
        {totals.ctr !== null && ' The click-through rate is clicks divided by views, at most 100%.'}
      </p>
      <p>
        <b>Daily uniques</b> are the sum of each day’s visitors: for privacy, visitors are recognized within one day
        only. A <b>session</b> ends after 30 minutes without an event; one with a single event is a bounce and lasts 0
        s.
      </p>
      {conversions !== null && conversions.kinds.length > 0 && (
        <p>
          <b>Conversions</b> are custom events that are leads, carts, sales or refunds, by their name or because they
          have an amount. Revenue is sales less refunds; currencies are never added up.
        </p>
      )}
    </>
  );
}
