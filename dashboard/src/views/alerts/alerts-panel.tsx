import { useEffect, useRef, useState } from 'react';
import { Empty, LoadError, Panel, Skeleton } from '../../components/panel.tsx';
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

/** What was out of the ordinary, open and past. An address that ends in `#alerts` leads to it. */
export function AlertsPanel({ query, page, zone }: AlertsPanelProps) {
  const place = useRef<HTMLDivElement>(null);
  const loaded = query.data !== undefined;
  useEffect(() => {
    if (loaded && window.location.hash === `#${alertsAnchor}`) place.current?.scrollIntoView();
  }, [loaded]);
  return (
    <div id={alertsAnchor} ref={place} className="alerts-anchor">
      <Panel
        title="Alerts"
        hint={
          <>
            <p>
              Every settled day is compared with what its weekday usually brings, and the last hours with the same hours
              of the week. Small numbers need a larger surprise.
            </p>
            <p>A day counts as usual again after three quiet days. Nothing is told twice in between.</p>
          </>
        }
        actions={<Link to={pagePath(page, 'settings')}>Alert settings</Link>}
      >
        <Alerts query={query} zone={zone} />
      </Panel>
    </div>
  );
}

const shownAtFirst = 3;

const shownMore = 10;

function Alerts({ query, zone }: Omit<AlertsPanelProps, 'page'>) {
  const [shown, setShown] = useState(shownAtFirst);
  const rows = loadedAnomalies(query);
  function more(): void {
    setShown(shown + shownMore);
    if (shown + shownMore > rows.length && query.hasNextPage) void query.fetchNextPage();
  }
  if (query.data === undefined)
    return query.isError ? <LoadError error={query.error} retry={() => void query.refetch()} /> : <Skeleton rows={4} />;
  if (rows.length === 0)
    return <Empty>No alerts so far. When traffic or click-through leaves what is usual, it is told here.</Empty>;
  return (
    <>
      {query.isError && (
        <p className="stale" role="status">
          Could not be refreshed. These are the alerts from before.
        </p>
      )}
      <ol className="alerts">
        {rows.slice(0, shown).map((anomaly) => (
          <AlertRow key={anomaly.id} anomaly={anomaly} zone={zone} />
        ))}
      </ol>
      {(rows.length > shown || query.hasNextPage) && (
        <button type="button" className="more" disabled={query.isFetchingNextPage} onClick={more}>
          {query.isFetchingNextPage ? 'Loading…' : 'Show more'}
        </button>
      )}
    </>
  );
}
