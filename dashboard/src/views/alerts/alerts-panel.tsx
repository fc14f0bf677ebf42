import { useEffect, useRef, useState } from 'react';
import { MoreButton } from '../../components/load-more.tsx';
import { Empty, LoadError, Panel, RefreshError, Skeleton } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { alertsAnchor, pagePath } from '../../router/routes.ts';
import { AlertRow } from './alert-row.tsx';
import { type Anomalies, loadedAnomalies } from './queries.ts';

interface AlertsPanelProps {
  query: Anomalies;
  /** Path of the page without its slash. */
  page: string;
  zone: string;
}

/** Open and past incidents of a page. A URL that ends in `#alerts` scrolls to it. */
export function AlertsPanel({ query, page, zone }: AlertsPanelProps) {
  const anchor = useRef<HTMLDivElement>(null);
  const loaded = query.data !== undefined;
  useEffect(() => {
    if (loaded && window.location.hash === `#${alertsAnchor}`) anchor.current?.scrollIntoView();
  }, [loaded]);
  return (
    <div id={alertsAnchor} ref={anchor} className="alerts-anchor">
      <Panel
        title="Alerts"
        hint={
          <>
            <p>
              Each settled day is compared with its weekday’s usual level, and recent hours with the same hours of past
              weeks. Small numbers need a larger change.
            </p>
            <p>An alert closes after three normal days. You get one mail when it opens and one when it closes.</p>
          </>
        }
        actions={<Link to={pagePath(page, 'settings')}>Alert settings</Link>}
      >
        <Alerts query={query} zone={zone} />
      </Panel>
    </div>
  );
}

const initialRows = 3;
const rowsPerStep = 10;

function Alerts({ query, zone }: Omit<AlertsPanelProps, 'page'>) {
  const [shown, setShown] = useState(initialRows);
  const rows = loadedAnomalies(query);
  function showMore(): void {
    setShown(shown + rowsPerStep);
    if (shown + rowsPerStep > rows.length && query.hasNextPage) void query.fetchNextPage();
  }
  if (query.data === undefined)
    return query.isError ? <LoadError error={query.error} retry={() => void query.refetch()} /> : <Skeleton rows={4} />;
  if (rows.length === 0)
    return <Empty>No alerts yet. Unusual changes in traffic or click-through rate will show up here.</Empty>;
  return (
    <>
      {query.isError && <RefreshError error={query.error} />}
      <ol className="alerts">
        {rows.slice(0, shown).map((anomaly) => (
          <AlertRow key={anomaly.id} anomaly={anomaly} zone={zone} />
        ))}
      </ol>
      {(rows.length > shown || query.hasNextPage) && (
        <MoreButton loading={query.isFetchingNextPage} onClick={showMore} />
      )}
    </>
  );
}
