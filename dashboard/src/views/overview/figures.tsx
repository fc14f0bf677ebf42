import type { ReactNode } from 'react';
import type { Stats } from '#schemas/api.ts';
import { formatCount, formatShare } from '../../format/numbers.ts';
import { Delta } from '../../components/delta.tsx';
import { Hint } from '../../components/hint.tsx';

const hints = {
  views: <p>Times the page was opened by a person. Bots, previews and prefetches are in the ledger, not here.</p>,
  clicks: <p>Times a link was followed by a person. A second tap within seconds counts once, when its hour settles.</p>,
  ctr: <p>Clicks divided by views. Links shared outside the page are clicked without a view, so it can pass 100%.</p>,
  uniques: (
    <>
      <p>
        The <b>sum of daily</b> unique visitors. Who comes on two days counts twice: a visitor is only recognised within
        one day, on purpose.
      </p>
      <p>A day is added when it has settled, so today is not in it yet.</p>
    </>
  ),
  sessions: <p>Visits without a pause of 30 minutes or more. A day is added when it has settled.</p>,
};

/** The totals of a range. */
export function Figures({ stats, before, views }: { stats: Stats; before: Stats | undefined; views: boolean }) {
  const { totals } = stats;
  function change(name: keyof Stats['totals']): ReactNode {
    return before && <Delta now={totals[name]} before={before.totals[name]} />;
  }
  return (
    <dl className="figures">
      {views && (
        <Figure
          name="Views"
          tone="views"
          value={formatCount(totals.views)}
          change={change('views')}
          hint={hints.views}
        />
      )}
      <Figure
        name="Clicks"
        tone="clicks"
        value={formatCount(totals.clicks)}
        change={change('clicks')}
        hint={hints.clicks}
      />
      {views && <Figure name="Click-through" value={formatShare(totals.ctr)} change={change('ctr')} hint={hints.ctr} />}
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
}

function Figure({ name, value, change, hint, tone }: FigureProps) {
  return (
    <div className={`figure ${tone ?? ''}`}>
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
