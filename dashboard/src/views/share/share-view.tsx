import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { type ShareExtra, sharedPageSchema } from '#schemas/api/shares.ts';
import { createClient } from '../../api/client.ts';
import { ApiProvider, useApi } from '../../api/context.tsx';
import { createQueryClient } from '../../api/query-client.ts';
import { BrandMark } from '../../components/brand-mark.tsx';
import { formatFullInstant } from '../../format/times.ts';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { stored } from '../../session/stored.ts';
import { FailureScope } from '../../api/failures.tsx';
import { LoadError, Skeleton } from '../../components/panel.tsx';
import { useLocation, useSetQuery } from '../../router/location.ts';
import InsightsView from '../insights/insights-view.tsx';
import LedgerView from '../ledger/ledger-view.tsx';
import LiveView from '../live/live-view.tsx';
import MetricsView from '../metrics/metrics-view.tsx';
import { Overview } from '../overview/overview.tsx';
import { Heading } from '../shell/heading.tsx';
import { Brand, ThemeChoice } from '../shell/shell.tsx';
import { PasswordForm } from './password-form.tsx';
import { useAccent } from './use-accent.ts';

const tabs = [
  { value: 'overview', label: 'Overview' },
  { value: 'insights', label: 'Insights' },
  { value: 'metrics', label: 'Metrics' },
  { value: 'ledger', label: 'Outcomes' },
  { value: 'live', label: 'Live' },
] as const;

/** Extras that the tab of insights shows. */
const insights: ReadonlySet<ShareExtra> = new Set(['retention', 'funnels']);

interface ShareAppProps {
  /** The fragment of the link, which servers never see. */
  token: string;
  /** In a frame of another site. */
  embedded: boolean;
}

/** The statistics of a page for someone with a share link. */
export default function ShareApp({ token, embedded }: ShareAppProps) {
  const [problem, setProblem] = useState<'invalid' | 'locked' | undefined>(token === '' ? 'invalid' : undefined);
  const [access] = useState(() => stored(() => sessionStorage, `hopcount.share.${token.split('.')[0]}`));
  const queries = useMemo(createQueryClient, []);
  const client = useMemo(
    () =>
      createClient(
        () => Promise.resolve(`Share ${access.read() ?? token}`),
        ({ type }) => setProblem(type === passwordRequired ? 'locked' : 'invalid'),
      ),
    [access, token],
  );
  return (
    <QueryClientProvider client={queries}>
      <ApiProvider client={client}>
        {!embedded && (
          <header className="top">
            {problem === 'invalid' ? <Brand /> : <SharedBrand locked={problem === 'locked'} />}
            <span className="spring" />
            <ThemeChoice />
          </header>
        )}
        <main id="main">
          {problem === 'invalid' && (
            <Heading
              title="This share link is invalid or has expired"
              subtitle="Check that you copied the whole link, or ask the sender for a new one."
            />
          )}
          {problem === 'locked' && (
            <PasswordForm
              token={token}
              onUnlocked={(unlocked) => {
                access.write(unlocked);
                queries.clear();
                setProblem(undefined);
              }}
            />
          )}
          {problem === undefined && (
            <FailureScope>
              <SharedPage />
            </FailureScope>
          )}
        </main>
      </ApiProvider>
    </QueryClientProvider>
  );
}

const passwordRequired = 'urn:hopcount:problem:password-required';

function useSharedPage(enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: ['shared'],
    queryFn: ({ signal }) => api.send('get', '/shares/current', sharedPageSchema, { signal }),
    enabled,
  });
}

/** Nothing until it is known whose share it is. */
function SharedBrand({ locked }: { locked: boolean }) {
  const shared = useSharedPage(!locked);
  if (locked || shared.data === undefined) return null;
  const { brand } = shared.data;
  return brand?.name || brand?.logo ? <BrandMark brand={brand} /> : <Brand />;
}

function SharedPage() {
  const { query } = useLocation();
  const change = useSetQuery();
  const shared = useSharedPage();
  useAccent(shared.data?.brand?.accent ?? null);
  if (shared.data === undefined && shared.isError) return <LoadError error={shared.error} />;
  if (shared.data === undefined) return <Skeleton rows={8} />;
  const { title, page, timeZone, expiresAt, extras, metrics, brand } = shared.data;
  const name = page.slice(1);
  const shown = tabs.filter(
    ({ value }) =>
      (value !== 'insights' || extras.some((extra) => insights.has(extra))) &&
      (value !== 'metrics' || metrics.length > 0),
  );
  const tab = shown.find(({ value }) => value === query.get('tab'))?.value ?? 'overview';
  return (
    <>
      <Heading
        title={title}
        {...(brand?.name && { product: brand.name })}
        subtitle={`Read-only access until ${formatFullInstant(expiresAt, timeZone)}`}
        actions={
          <SegmentedControl label="View" options={shown} value={tab} onChange={(value) => change({ tab: value })} />
        }
      />
      {tab === 'overview' && (
        <Overview subject={{ kind: 'pages', name }} page={name} zone={timeZone} readOnly extras={extras} />
      )}
      {tab === 'insights' && <InsightsView page={name} zone={timeZone} readOnly extras={extras} />}
      {tab === 'ledger' && <LedgerView subject={{ kind: 'pages', name }} page={name} zone={timeZone} readOnly />}
      {tab === 'metrics' && <MetricsView page={name} zone={timeZone} readOnly />}
      {tab === 'live' && <LiveView page={name} zone={timeZone} />}
      {brand?.poweredBy && <p className="foot soft">Powered by Hopcount</p>}
    </>
  );
}
