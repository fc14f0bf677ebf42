import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { sharedPageSchema } from '#schemas/api/shares.ts';
import { createClient } from '../../api/client.ts';
import { ApiProvider, useApi } from '../../api/context.tsx';
import { createQueryClient } from '../../api/query-client.ts';
import { formatFullInstant } from '../../format/times.ts';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { FailureScope } from '../../api/failures.tsx';
import { LoadError, Skeleton } from '../../components/panel.tsx';
import { useLocation, useSetQuery } from '../../router/location.ts';
import LedgerView from '../ledger/ledger-view.tsx';
import LiveView from '../live/live-view.tsx';
import { Overview } from '../overview/overview.tsx';
import { Heading } from '../shell/heading.tsx';
import { Brand, ThemeChoice } from '../shell/shell.tsx';

const tabs = [
  { value: 'overview', label: 'Overview' },
  { value: 'ledger', label: 'Outcomes' },
  { value: 'live', label: 'Live' },
] as const;

/** The statistics of a page for someone with a share link. @param token the fragment of the link, which servers never see */
export default function ShareApp({ token }: { token: string }) {
  const [invalid, setInvalid] = useState(token === '');
  const queries = useMemo(createQueryClient, []);
  const client = useMemo(
    () =>
      createClient(
        () => Promise.resolve(`Share ${token}`),
        () => setInvalid(true),
      ),
    [token],
  );
  return (
    <QueryClientProvider client={queries}>
      <ApiProvider client={client}>
        <header className="top">
          <Brand />
          <span className="spring" />
          <ThemeChoice />
        </header>
        <main id="main">
          {invalid ? (
            <Heading
              title="This share link is invalid or has expired"
              subtitle="Check that you copied the whole link, or ask the sender for a new one."
            />
          ) : (
            <FailureScope>
              <SharedPage />
            </FailureScope>
          )}
        </main>
      </ApiProvider>
    </QueryClientProvider>
  );
}

function SharedPage() {
  const api = useApi();
  const { query } = useLocation();
  const change = useSetQuery();
  const shared = useQuery({
    queryKey: ['shared'],
    queryFn: ({ signal }) => api.send('get', '/shares/current', sharedPageSchema, { signal }),
  });
  if (shared.data === undefined && shared.isError) return <LoadError error={shared.error} />;
  if (shared.data === undefined) return <Skeleton rows={8} />;
  const { title, page, timeZone, expiresAt } = shared.data;
  const name = page.slice(1);
  const tab = tabs.find(({ value }) => value === query.get('tab'))?.value ?? 'overview';
  return (
    <>
      <Heading
        title={title}
        subtitle={`Read-only access until ${formatFullInstant(expiresAt, timeZone)}`}
        actions={
          <SegmentedControl label="View" options={tabs} value={tab} onChange={(value) => change({ tab: value })} />
        }
      />
      {tab === 'overview' && <Overview subject={{ kind: 'pages', name }} zone={timeZone} readOnly />}
      {tab === 'ledger' && <LedgerView subject={{ kind: 'pages', name }} page={name} zone={timeZone} readOnly />}
      {tab === 'live' && <LiveView page={name} zone={timeZone} />}
    </>
  );
}
