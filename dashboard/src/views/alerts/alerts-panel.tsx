import { useEffect, useRef, useState } from 'react';
import type { Anomaly } from '#schemas/api/detection.ts';
import { MoreButton } from '../../components/load-more.tsx';
import { Empty, LoadError, Panel, RefreshError, Skeleton } from '../../components/panel.tsx';
import type { Data } from '../../expand/data-table.ts';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { useLocation } from '../../router/location.ts';
import { Link } from '../../router/link.tsx';
import { alertsAnchor, pagePath } from '../../router/routes.ts';
import { Mute } from './alert-actions.tsx';
import { AlertRow } from './alert-row.tsx';
import { type Anomalies, loadedAnomalies, mutedUntil } from './queries.ts';

interface AlertsPanelProps {
  query: Anomalies;
  /** Path of the page without its slash. */
  page: string;
  zone: string;
}

/** Open and past incidents of a page. A URL that ends in `#alerts` scrolls to it, and opens the first. */
export function AlertsPanel({ query, page, zone }: AlertsPanelProps) {
  const anchor = useRef<HTMLDivElement>(null);
  const expansion = useExpansion();
  // Follows the fragment, too.
  useLocation();
  const anchored = window.location.hash === `#${alertsAnchor}`;
  const loaded = query.data !== undefined;
  useEffect(() => {
    if (loaded && anchored) anchor.current?.scrollIntoView();
  }, [loaded, anchored]);
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
        actions={
          <>
            {loaded && <Mute page={page} zone={zone} mutedUntil={mutedUntil(query)} />}
            <Link to={pagePath(page, 'settings')}>Alert settings</Link>
          </>
        }
        onExpand={expansion.show}
      >
        <Alerts query={query} zone={zone} anchored={anchored} />
        <Expanded
          expansion={expansion}
          title="Alerts"
          file={`${page}-alerts`}
          data={() => toData(loadedAnomalies(query))}
        />
      </Panel>
    </div>
  );
}

const initialRows = 5;
const rowsPerStep = 10;

interface AlertsProps {
  query: Anomalies;
  zone: string;
  anchored: boolean;
}

function Alerts({ query, zone, anchored }: AlertsProps) {
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
        {rows.slice(0, shown).map((anomaly, at) => (
          <AlertRow key={anomaly.id} anomaly={anomaly} zone={zone} open={anchored && at === 0} />
        ))}
      </ol>
      {(rows.length > shown || query.hasNextPage) && (
        <MoreButton loading={query.isFetchingNextPage} onClick={showMore} />
      )}
    </>
  );
}

function toData(anomalies: readonly Anomaly[]): Data {
  return {
    columns: [
      { name: 'Since', kind: 'text' },
      { name: 'State', kind: 'text' },
      { name: 'What happened', kind: 'text' },
    ],
    rows: anomalies.map(({ id, since, words }) => ({ key: id, values: [since, words.state, words.sentence] })),
  };
}
