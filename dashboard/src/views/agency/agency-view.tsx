import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { type AgencyDashboard, agencyDashboardSchema } from '#schemas/api/agencies.ts';
import { useApi } from '../../api/context.tsx';
import { Breakable } from '../../format/breakable.tsx';
import { formatCount, formatShare, plural } from '../../format/numbers.ts';
import { Delta } from '../../components/delta.tsx';
import { browserZone } from '../../choosers/zone-field.tsx';
import { Freshness, PartErrors } from '../../components/freshness.tsx';
import { Hint } from '../../components/hint.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { useNow } from '../../range/use-now.ts';
import { RangeBar } from '../../range/range-bar.tsx';
import { readRange } from '../../range/range.ts';
import { Link } from '../../router/link.tsx';
import { useLocation } from '../../router/location.ts';
import { alertsPath } from '../../router/routes.ts';
import { Channels } from '../channels/channels.tsx';
import { PageTable } from '../pages/page-table.tsx';
import { Figure } from '../overview/figures.tsx';
import { Heading } from '../shell/heading.tsx';

const Campaigns = lazy(() => import('../campaigns/campaigns.tsx'));
const BrandForm = lazy(() => import('./brand-form.tsx'));

const totalNames = { views: 'Views', clicks: 'Clicks', ctr: 'Click-through rate' } as const;

/** Totals of an agency and a table of its pages. */
export default function AgencyView({ agency }: { agency: string }) {
  const api = useApi();
  const { query } = useLocation();
  const now = useNow();
  const zone = browserZone();
  const range = readRange(query, zone, now);
  const { from, to } = range.dates;
  const dashboard = useQuery({
    queryKey: ['agency', agency, from, to],
    queryFn: ({ signal }) =>
      api.send('get', '/agencies/:id/dashboard', agencyDashboardSchema, {
        param: { id: agency },
        query: { from, to },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <>
      <Heading title={agency} subtitle="All pages of the agency, compared to the previous period" />
      <RangeBar range={range} />
      <section className="panel lead" aria-label="Totals">
        <Loaded query={dashboard} rows={3}>
          {(value) => (
            <>
              <Totals dashboard={value} />
              <PagesFreshness response={value} zone={zone} now={now} />
            </>
          )}
        </Loaded>
      </section>
      {dashboard.data && <OpenAlerts pages={dashboard.data.pages} />}
      <Panel title="Pages">
        <Loaded query={dashboard} rows={12}>
          {(value) => (
            <PageTable
              pages={value.pages}
              days={value.days.length}
              first="alerts"
              empty="No pages in this agency yet. Add one with this agency to see its numbers here."
            />
          )}
        </Loaded>
      </Panel>
      <Suspense>
        <Campaigns owner={{ agency }} zone={zone} />
      </Suspense>
      <Channels owner={{ agency }} zone={zone} />
      <Suspense>
        <BrandForm key={agency} agency={agency} />
      </Suspense>
    </>
  );
}

const shownAlerts = 5;

/** The pages that need attention, each with a way to its alerts. */
function OpenAlerts({ pages }: Pick<AgencyDashboard, 'pages'>) {
  const [all, setAll] = useState(false);
  const rows = pages.filter(({ alerts }) => alerts.length > 0);
  if (rows.length === 0) return null;
  return (
    <Panel title={`${plural(rows.length, 'page')} with open alerts`}>
      <ul className="rows">
        {(all ? rows : rows.slice(0, shownAlerts)).map(({ path, title, alerts }) => (
          <li key={path}>
            <span>
              <Link to={alertsPath(path.slice(1))} dir="auto">
                <Breakable text={title} />
              </Link>
              <br />
              <small>{alerts.map(({ summary }) => summary).join(' · ')}</small>
            </span>
          </li>
        ))}
      </ul>
      {rows.length > shownAlerts && (
        <button type="button" className="more" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${rows.length}`}
        </button>
      )}
    </Panel>
  );
}

interface PagesFreshnessProps {
  response: Pick<AgencyDashboard, 'freshness' | 'errors' | 'sources'>;
  zone: string;
  now: number;
}

/** Says as of when the numbers of several pages are, and what is missing. */
export function PagesFreshness({ response: { freshness, errors, sources }, zone, now }: PagesFreshnessProps) {
  return (
    <>
      <Freshness source="rollups" freshness={freshness} zone={zone} now={now} />
      <PartErrors errors={errors} sources={sources} zone={zone} now={now} />
    </>
  );
}

function Totals({ dashboard }: { dashboard: AgencyDashboard }) {
  return (
    <dl className="figures">
      {(['views', 'clicks', 'ctr'] as const).map((name) => (
        <Figure
          key={name}
          tone={name}
          name={totalNames[name]}
          value={name === 'ctr' ? formatShare(dashboard.totals.ctr) : formatCount(dashboard.totals[name])}
        >
          <Delta now={dashboard.totals[name]} before={dashboard.previous[name]} />
        </Figure>
      ))}
      <Figure
        name={
          <>
            Pages{' '}
            <Hint about="time zones">
              <p>Days are counted in the time zone of each page. Totals are sums of these days.</p>
            </Hint>
          </>
        }
        value={formatCount(dashboard.pages.length)}
      />
    </dl>
  );
}
