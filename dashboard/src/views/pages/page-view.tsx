import { lazy, Suspense } from 'react';
import { LoadError, Skeleton } from '../../components/panel.tsx';
import { useLocation, withQuery } from '../../router/location.ts';
import { pagePath, type PageTab, pageTabs } from '../../router/routes.ts';
import { isNotFound, NotFound } from '../not-found.tsx';
import { Now } from '../live/now.tsx';
import { Overview } from '../overview/overview.tsx';
import { Heading, Tabs } from '../shell/heading.tsx';
import type { Me } from '../shell/shell.tsx';
import { PageSwitcher } from './page-switcher.tsx';
import { withoutScheme } from '../links/short-url.ts';
import { usePage } from './use-page.ts';

const Campaigns = lazy(() => import('../campaigns/campaigns.tsx'));
const ConnectView = lazy(() => import('../connect/connect-view.tsx'));
const EditorView = lazy(() => import('../editor/editor-view.tsx'));
const InsightsView = lazy(() => import('../insights/insights-view.tsx'));
const LedgerView = lazy(() => import('../ledger/ledger-view.tsx'));
const LinksView = lazy(() => import('../links/links-view.tsx'));
const LiveView = lazy(() => import('../live/live-view.tsx'));
const MetricsView = lazy(() => import('../metrics/metrics-view.tsx'));
const SettingsView = lazy(() => import('../settings/settings-view.tsx'));

const tabNames: Readonly<Record<PageTab, string>> = {
  overview: 'Overview',
  links: 'Links',
  campaigns: 'Campaigns',
  insights: 'Insights',
  ledger: 'Outcomes',
  live: 'Live',
  metrics: 'Metrics',
  editor: 'Link page',
  connect: 'Connect',
  settings: 'Settings',
};

/** @param page its path without the slash */
export function PageView({ me, page: name, tab }: { me: Me; page: string; tab: PageTab }) {
  const page = usePage(name);
  const { query } = useLocation();
  const search = withQuery(query, { section: null });
  const tabs = pageTabs.map((each) => ({
    to: pagePath(name, each) + search,
    label: tabNames[each],
    current: each === tab,
  }));
  // Loaded data stays visible if a refetch fails.
  if (page.data === undefined) {
    if (!page.isError) return <Skeleton rows={8} />;
    if (isNotFound(page.error)) return <NotFound />;
    return (
      <>
        <Heading title={`/${name}`} />
        <Tabs label="Page" tabs={tabs} />
        <LoadError error={page.error} retry={() => void page.refetch()} />
      </>
    );
  }
  return (
    <>
      <Heading
        title={page.data.title}
        after={hasOtherPages(me) && <PageSwitcher current={name} tab={tab} />}
        subtitle={
          <>
            <a href={page.data.url} target="_blank" rel="noopener">
              {withoutScheme(page.data.url)}
            </a>
            {tab !== 'live' && <Now page={name} />}
          </>
        }
      />
      <Tabs label="Page" tabs={tabs} />
      <Suspense fallback={<Skeleton rows={8} />}>
        {tab === 'overview' && (
          <Overview
            subject={{ kind: 'pages', name }}
            page={name}
            zone={page.data.timeZone}
            ledger={pagePath(name, 'ledger') + search}
          />
        )}
        {tab === 'links' && <LinksView page={page.data.path} zone={page.data.timeZone} />}
        {tab === 'campaigns' && <Campaigns owner={{ page: page.data.path }} zone={page.data.timeZone} />}
        {tab === 'insights' && <InsightsView page={name} zone={page.data.timeZone} />}
        {tab === 'ledger' && <LedgerView subject={{ kind: 'pages', name }} page={name} zone={page.data.timeZone} />}
        {tab === 'live' && <LiveView page={name} zone={page.data.timeZone} />}
        {tab === 'metrics' && <MetricsView page={name} zone={page.data.timeZone} />}
        {tab === 'editor' && <EditorView page={page.data} />}
        {tab === 'connect' && <ConnectView page={page.data} />}
        {tab === 'settings' && <SettingsView page={page.data} />}
      </Suspense>
    </>
  );
}

function hasOtherPages({ role, pages }: Me): boolean {
  return role !== 'creator' || pages.length > 1;
}
