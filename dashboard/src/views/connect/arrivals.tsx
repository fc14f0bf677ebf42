import { useQuery } from '@tanstack/react-query';
import { type RecentEvents, recentEventsSchema } from '#schemas/api/recent-events.ts';
import { useApi } from '../../api/context.tsx';
import { LiveRegion } from '../../components/live-region.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { eventName, outcomeName, sdkName, valueName } from '../../format/names.ts';
import { plural } from '../../format/numbers.ts';
import { formatSecond } from '../../format/times.ts';
import { pagePath } from '../../router/routes.ts';
import { Link } from '../../router/link.tsx';

const refreshMs = 3_000;

/** More would push the view down. */
const shown = 10;

/** The last events of a page one by one, and why each has its outcome. */
export function Arrivals({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  const recent = useQuery({
    queryKey: ['recent-events', page],
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/recent-events', recentEventsSchema, { param: { page }, signal }),
    refetchInterval: refreshMs,
    staleTime: 0,
  });
  return (
    <Panel
      title="Check that events arrive"
      hint={
        <p>
          Shows the last {shown} events that arrive while this view is open. An event usually takes a few seconds, and
          up to 20.
        </p>
      }
      actions={<Link to={pagePath(page, 'ledger')}>All outcomes</Link>}
    >
      <Loaded query={recent} rows={4}>
        {({ events }) => (
          <div className="stack">
            <LiveRegion about={events[0]?.receivedAt ?? ''} text={`${plural(events.length, 'event')} so far`} />
            {events.length === 0 ? (
              <Empty>Waiting for events. Open your site, or let your server send one: it shows up here.</Empty>
            ) : (
              <ul className="outcomes arrivals">
                {events.slice(0, shown).map((event, index) => (
                  <Arrival key={`${event.receivedAt} ${index}`} event={event} zone={zone} />
                ))}
              </ul>
            )}
            <p className="freshness">
              <span className="pulse" aria-hidden="true" />
              Updates every 3 seconds · {zone}
            </p>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

type RecentEvent = RecentEvents['events'][number];

function Arrival({ event, zone }: { event: RecentEvent; zone: string }) {
  const { outcome, meaning, repeated, sdk, country, device, receivedAt } = event;
  const facts = [
    sdk && sdkName(sdk),
    country && valueName('country', country),
    device && valueName('device', device),
  ].filter((fact) => fact !== null);
  return (
    <li>
      <div className="outcome">
        <i className={`outcome-${outcome}`} aria-hidden="true" />
        <div>
          <h3 dir="auto">{eventName(event)}</h3>
          <p>
            <b>{outcomeName(outcome)}</b>
            {outcome !== 'counted' && `: ${meaning}`}
            {repeated && ' · sent again by its client: a duplicate once the hour settles'}
          </p>
          {facts.length > 0 && <p className="soft">{facts.join(' · ')}</p>}
        </div>
        <time className="soft" dateTime={receivedAt}>
          {formatSecond(receivedAt, zone)}
        </time>
      </div>
    </li>
  );
}
