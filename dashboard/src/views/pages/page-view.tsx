import { useQuery } from '@tanstack/react-query';
import { pageSchema } from '#schemas/catalog.ts';
import { useApi } from '../../api/context.tsx';
import { Failure, Skeleton } from '../../parts/panel.tsx';
import { useLocation } from '../../router/location.ts';
import { pagePath, type PageTab, pageTabs } from '../../router/routes.ts';
import { Overview } from '../overview/overview.tsx';
import { Heading, Tabs } from '../shell/heading.tsx';

export const usePage = (name: string) => {
  const api = useApi();
  return useQuery({
    queryKey: ['page', name],
    queryFn: ({ signal }) => api.send(`/pages/${encodeURIComponent(name)}`, pageSchema, { signal }),
  });
};

const tabNames: Readonly<Record<PageTab, string>> = {
  overview: 'Overview',
  links: 'Links',
  ledger: 'Not counted',
  live: 'Live',
  editor: 'Link page',
  settings: 'Settings',
};

/** One page, by its path without the slash. */
export const PageView = ({ page: name, tab }: { page: string; tab: PageTab }) => {
  const page = usePage(name);
  const { query } = useLocation();
  if (page.isError) return <Failure error={page.error} retry={() => void page.refetch()} />;
  if (page.data === undefined) return <Skeleton rows={8} />;
  const kept = query.size > 0 ? `?${query.toString()}` : '';
  const tabs = pageTabs.map((each) => ({
    to: pagePath(name, each) + kept,
    label: tabNames[each],
    current: each === tab,
  }));
  return (
    <>
      <Heading
        title={page.data.title}
        subtitle={
          <a href={`/@${name}`} target="_blank" rel="noopener">
            {window.location.host}/@{name}
          </a>
        }
      />
      <Tabs label="Page" tabs={tabs} />
      {tab === 'overview' && (
        <Overview
          subject={{ kind: 'pages', name }}
          zone={page.data.timeZone}
          ledger={pagePath(name, 'ledger') + kept}
        />
      )}
    </>
  );
};
