import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { publicCampaignSchema } from '#schemas/api/insights/campaigns.ts';
import { createClient } from '../../api/client.ts';
import { ApiProvider, useApi } from '../../api/context.tsx';
import { FailureScope } from '../../api/failures.tsx';
import { createQueryClient } from '../../api/query-client.ts';
import { browserZone } from '../../choosers/zone-field.tsx';
import { BrandMark } from '../../components/brand-mark.tsx';
import { LoadError, Skeleton } from '../../components/panel.tsx';
import { formatCount } from '../../format/numbers.ts';
import { dateIn, formatDates } from '../../format/times.ts';
import { useNow } from '../../range/use-now.ts';
import { isNotFound } from '../not-found.tsx';
import { Figure } from '../overview/figures.tsx';
import { Heading } from '../shell/heading.tsx';
import { Brand, ThemeChoice } from '../shell/shell.tsx';
import { useAccent } from '../share/use-accent.ts';
import {
  CampaignBreakdowns,
  CampaignDays,
  CampaignFreshness,
  CampaignLinks,
  campaignRefreshMs,
  describeBots,
  MetricFigure,
} from './campaign-report.tsx';
import { stateNames } from './campaign-states.ts';

/** The public page of a campaign, for everyone who has its address. */
export default function PublicCampaignApp({ id }: { id: string }) {
  const queries = useMemo(createQueryClient, []);
  const client = useMemo(
    () =>
      createClient(
        () => Promise.resolve(''),
        () => undefined,
      ),
    [],
  );
  return (
    <QueryClientProvider client={queries}>
      <ApiProvider client={client}>
        <FailureScope>
          <PublicCampaign id={id} />
        </FailureScope>
      </ApiProvider>
    </QueryClientProvider>
  );
}

function PublicCampaign({ id }: { id: string }) {
  const api = useApi();
  const now = useNow();
  const zone = browserZone();
  const campaign = useQuery({
    queryKey: ['public-campaign', id],
    queryFn: ({ signal }) => api.send('get', '/public/campaigns/:id', publicCampaignSchema, { param: { id }, signal }),
    refetchInterval: campaignRefreshMs,
  });
  const { data, error } = campaign;
  useAccent(data?.brand?.accent ?? null);
  return (
    <>
      <header className="top">
        {data?.brand?.name || data?.brand?.logo ? <BrandMark brand={data.brand} /> : <Brand />}
        <span className="spring" />
        <ThemeChoice />
      </header>
      <main id="main">
        {data === undefined && error === null && <Skeleton rows={8} />}
        {data === undefined && error !== null && isNotFound(error) && (
          <Heading
            title="This campaign is not public"
            subtitle="Ask the person who sent you the address for a new one."
          />
        )}
        {data === undefined && error !== null && !isNotFound(error) && (
          <LoadError error={error} retry={() => void campaign.refetch()} />
        )}
        {data && (
          <>
            <Heading
              title={data.name}
              {...(data.brand?.name && { product: data.brand.name })}
              subtitle={`${formatDates(data.from, data.to)} · ${stateNames[data.state]}`}
            />
            <section className="panel lead" aria-label="Totals">
              <div>
                <dl className="figures">
                  {data.metric && <MetricFigure metric={data.metric} />}
                  <Figure
                    main={data.metric === null}
                    tone="clicks"
                    name="Clicks"
                    value={formatCount(data.totals.clicks)}
                  />
                  <Figure name="Daily visitors" value={formatCount(data.totals.visitors)} />
                  <Figure name="Robots kept out" value={describeBots(data.totals)} />
                </dl>
                <CampaignFreshness report={data} zone={zone} now={now} />
              </div>
            </section>
            <div className="grid">
              <CampaignDays report={data} from={data.from} to={data.to} today={dateIn(zone, now)} />
              <CampaignLinks report={data} />
              <CampaignBreakdowns report={data} />
            </div>
            {data.brand?.poweredBy && <p className="foot soft">Powered by Hopcount</p>}
          </>
        )}
      </main>
    </>
  );
}
