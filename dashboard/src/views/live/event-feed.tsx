import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type RecentEvents, recentEventsSchema } from '#schemas/api/recent-events.ts';
import { useApi } from '../../api/context.tsx';
import { LiveRegion } from '../../components/live-region.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { Breakable } from '../../format/breakable.tsx';
import { eventName, outcomeName, sdkName, valueName } from '../../format/names.ts';
import { plural } from '../../format/numbers.ts';
import { formatSecond } from '../../format/times.ts';
import { Link } from '../../router/link.tsx';
import { linkPath } from '../../router/routes.ts';

const refreshMs = 3_000;

interface EventFeedProps {
  /** Path of the page without the slash. */
  page: string;
  zone: string;
  title: string;
  hint?: ReactNode;
  /** Events shown; the API returns up to 30. */
  shown: number;
  empty: string;
  paused: boolean;
  actions: ReactNode;
  /** Tells screen readers of each arrival. @default false */
  announced?: boolean;
}

/** The last events of a page one by one, newest first, and why each has its outcome. */
export function EventFeed(props: EventFeedProps) {
  const { page, zone, title, hint, shown, empty, paused, actions, announced = false } = props;
  const api = useApi();
  const recent = useQuery({
    queryKey: ['recent-events', page],
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/recent-events', recentEventsSchema, { param: { page }, signal }),
    refetchInterval: refreshMs,
    staleTime: 0,
    enabled: !paused,
  });
  return (
    <Panel title={title} {...(hint !== undefined && { hint })} actions={actions}>
      <Loaded query={recent} rows={4}>
        {({ events, asOf }) => (
          <div className="stack">
            {announced && (
              <LiveRegion about={events[0]?.receivedAt ?? ''} text={`${plural(events.length, 'event')} so far`} />
            )}
            {events.length === 0 ? (
              <Empty>{empty}</Empty>
            ) : (
              <ol className="outcomes arrivals">
                {events.slice(0, shown).map((event, index) => (
                  <Arrival key={keyOf(events, index)} event={event} zone={zone} />
                ))}
              </ol>
            )}
            <p className="freshness">
              {!paused && <span className="pulse" aria-hidden="true" />}
              {paused ? `Paused at ${formatSecond(asOf, zone)}` : 'Updates every 3 seconds'} · {zone}
            </p>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

type RecentEvent = RecentEvents['events'][number];

/** Counts from the oldest event of the same moment, so that a row keeps its key when others arrive above it. */
function keyOf(events: readonly RecentEvent[], index: number): string {
  const receivedAt = events[index]?.receivedAt ?? '';
  return `${receivedAt} ${events.slice(index).filter((event) => event.receivedAt === receivedAt).length}`;
}

function Arrival({ event, zone }: { event: RecentEvent; zone: string }) {
  const { outcome, meaning, repeated, sdk, country, device, source, link, receivedAt } = event;
  const name = <Breakable text={eventName(event)} />;
  const facts = [
    sdk && sdkName(sdk),
    country && valueName('country', country),
    device && valueName('device', device),
    source,
  ].filter((fact) => fact !== null);
  return (
    <li>
      <div className="outcome">
        <i className={`outcome-${outcome}`} aria-hidden="true" />
        <div>
          <h3 dir="auto">{link === null ? name : <Link to={linkPath(link)}>{name}</Link>}</h3>
          <p>
            <b>{outcomeName(outcome)}</b>
            {outcome !== 'counted' && `: ${meaning}`}
            {repeated && ' · sent again by its client: a duplicate once the hour settles'}
          </p>
          {facts.length > 0 && (
            <p className="soft" dir="auto">
              {facts.join(' · ')}
            </p>
          )}
        </div>
        <time className="soft" dateTime={receivedAt}>
          {formatSecond(receivedAt, zone)}
        </time>
      </div>
    </li>
  );
}

/** Pauses automatic updates, and resumes them. */
export function PauseButton({ paused, onChange }: { paused: boolean; onChange: (paused: boolean) => void }) {
  return (
    <button type="button" className="quiet small" onClick={() => onChange(!paused)}>
      {paused ? 'Resume updates' : 'Pause updates'}
    </button>
  );
}
