import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Ledger, ledgerSchema } from '#schemas/api.ts';
import { outcomes } from '#schemas/event.ts';
import { useApi } from '../../api/context.tsx';
import { LiveRegion } from '../../components/live-region.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { outcomeNames } from '../../format/names.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { pagePath } from '../../router/routes.ts';
import { Link } from '../../router/link.tsx';

const refreshMs = 5_000;

/** The outcomes of the events that arrive while this view is open. */
export function Arrivals({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  // The last day, so that a view that is open at midnight loses nothing.
  const [from] = useState(() => new Date(Date.now() - 86_400_000).toISOString());
  const [before, setBefore] = useState<Ledger>();
  const query = { from, interval: 'hour', tz: zone } as const;
  const ledger = useQuery({
    queryKey: ['arrivals', page, from],
    queryFn: async ({ signal }) => {
      const read = await api.send('get', '/pages/:page/ledger', ledgerSchema, { param: { page }, query, signal });
      setBefore((known) => known ?? read);
      return read;
    },
    refetchInterval: refreshMs,
    staleTime: 0,
  });
  return (
    <Panel
      title="Check that events arrive"
      hint={<p>Updates every 5 seconds. An event usually takes a few seconds to appear, and up to 30 seconds.</p>}
      actions={<Link to={pagePath(page, 'ledger')}>All outcomes</Link>}
    >
      <Loaded query={ledger}>{(now) => <Arrived now={now} before={before ?? now} />}</Loaded>
    </Panel>
  );
}

function Arrived({ now, before }: { now: Ledger; before: Ledger }) {
  const arrived = outcomes
    .map((outcome) => ({ outcome, count: now.outcomes[outcome] - before.outcomes[outcome] }))
    .filter(({ count }) => count > 0);
  const total = arrived.reduce((sum, { count }) => sum + count, 0);
  return (
    <div className="stack">
      <LiveRegion about={String(total)} text={`${plural(total, 'event')} since you opened this view`} />
      {total === 0 ? (
        <Empty>Waiting for events. Open your site, or let your server send one: its outcome shows up here.</Empty>
      ) : (
        <ul className="outcomes arrivals">
          {arrived.map(({ outcome, count }) => (
            <li key={outcome}>
              <div className="outcome">
                <i className={`outcome-${outcome}`} aria-hidden="true" />
                <div>
                  <h3>{outcomeNames[outcome]}</h3>
                  <p className="soft">{now.meanings[outcome]}</p>
                </div>
                <span className="bar-value">{formatCount(count)}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
      <p className="freshness">
        <span className="pulse" aria-hidden="true" />
        Since you opened this view
      </p>
    </div>
  );
}
