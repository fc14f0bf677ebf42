import type { ReactNode } from 'react';
import type { Stats } from '#schemas/api.ts';
import { formatCount, formatShare } from '../../format/numbers.ts';
import type { Measure } from '../../format/traffic.ts';
import { Delta } from '../../components/delta.tsx';
import { Hint } from '../../components/hint.tsx';

const hints = {
  views: <p>How often people opened the page. Bots, previews and prefetches are not counted.</p>,
  clicks: <p>How often people followed a link. Double taps count once after the hour has settled.</p>,
  ctr: (
    <p>Clicks divided by views, at most 100%. Not shown where links are mostly followed without a view of the page.</p>
  ),
  uniques: (
    <>
      <p>
        The <b>sum of each day’s</b> unique visitors. A visitor on two days counts twice, because for privacy visitors
        are recognized within one day only.
      </p>
      <p>A day is included when it has settled, so today is missing.</p>
    </>
  ),
  sessions: <p>Visits that end after 30 minutes without activity. A day is included when it has settled.</p>,
};

interface FiguresProps {
  stats: Stats;
  before: Stats | undefined;
  /** In the order of importance. */
  measures: readonly Measure[];
}

const measureNames: Readonly<Record<Measure, string>> = { views: 'Views', clicks: 'Clicks' };

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
          name={measureNames[name]}
          tone={name}
          value={formatCount(totals[name])}
          change={change(name)}
          hint={hints[name]}
        />
      ))}
      {totals.ctr !== null && totals.clicks > 0 && (
        <Figure name="Click-through rate" value={formatShare(totals.ctr)} change={change('ctr')} hint={hints.ctr} />
      )}
      <Figure
        name="Daily uniques"
        value={formatCount(totals.uniques)}
        change={change('uniques')}
        hint={hints.uniques}
      />
      <Figure name="Sessions" value={formatCount(totals.sessions)} change={change('sessions')} hint={hints.sessions} />
    </dl>
  );
}

interface FigureProps {
  name: string;
  value: string;
  change?: ReactNode;
  hint: ReactNode;
  tone?: 'views' | 'clicks';
  /** The most important one. */
  main?: boolean;
}

function Figure({ name, value, change, hint, tone, main = false }: FigureProps) {
  return (
    <div className={`figure ${tone ?? ''} ${main ? 'main' : ''}`}>
      <dt>
        {name} <Hint about={name}>{hint}</Hint>
      </dt>
      <dd>
        <span className="figure-value">{value}</span>
        {change}
      </dd>
    </div>
  );
}
