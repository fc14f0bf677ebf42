import { type ReactNode, useState } from 'react';
import { recentLimits } from '#schemas/api/recent-events.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { Hint } from '../../components/hint.tsx';
import { LiveRegion } from '../../components/live-region.tsx';
import { type ChartOrTable, ChartOrTableControl } from '../../chart/chart-or-table.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Empty, Loaded, Notice, Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { pagePath } from '../../router/routes.ts';
import { Figure } from '../overview/figures.tsx';
import { EventFeed, PauseButton } from './event-feed.tsx';
import { type Minute, minutesOfNow, sumMinutes, useRealtime } from './realtime.ts';
import { TopNow } from './top-now.tsx';

const refreshMs = 5_000;

const height = 120;
const slot = 12;

/** What happens on a page now, without a reload. @param page its path without the slash */
export default function LiveView({ page, zone }: { page: string; zone: string }) {
  const [paused, setPaused] = useState(false);
  return (
    <div className="live">
      <LastMinutes
        page={page}
        zone={zone}
        paused={paused}
        pause={<PauseButton paused={paused} onChange={setPaused} />}
      />
      <EventFeed
        page={page}
        zone={zone}
        title="Last events"
        hint={
          <p>
            The last {recentLimits.events} events that arrived while someone looked at this view, for up to ten minutes.
            Nothing identifies the person.
          </p>
        }
        shown={recentLimits.events}
        empty="Waiting for views and clicks. They show up here one by one, also those that don’t count."
        paused={paused}
        actions={<Link to={pagePath(page, 'ledger')}>All outcomes</Link>}
      />
      <TopNow page={page} zone={zone} paused={paused} />
    </div>
  );
}

interface LastMinutesProps {
  page: string;
  zone: string;
  paused: boolean;
  pause: ReactNode;
}

/** Views and clicks of the last 30 minutes. */
function LastMinutes({ page, zone, paused, pause }: LastMinutesProps) {
  const [format, setFormat] = useState<ChartOrTable>('chart');
  const live = useRealtime(page, { refetchInterval: refreshMs, staleTime: 0, enabled: !paused });
  return (
    <Panel
      title="Last 30 minutes"
      className="wide"
      actions={
        <>
          <ChartOrTableControl label="Last 30 minutes as" value={format} onChange={setFormat} />
          {pause}
        </>
      }
    >
      <Loaded query={live} rows={6}>
        {({ minutes, asOf, freshnessSeconds, errors }) => (
          <div className="stack">
            <Sums minutes={minutes} />
            <LiveRegion
              about={clock(asOf, zone)}
              text={`${plural(sumMinutes(minutes, 'views'), 'view')}, ${plural(sumMinutes(minutes, 'clicks'), 'click')} in the last 30 minutes`}
            />
            {minutes.every(({ views, clicks }) => views === 0 && clicks === 0) ? (
              <Empty>No traffic in the last 30 minutes. New views and clicks show up here within a minute.</Empty>
            ) : format === 'chart' ? (
              <Columns minutes={minutes} zone={zone} />
            ) : (
              <MinuteTable minutes={minutes} zone={zone} />
            )}
            <p className="freshness">
              {!paused && <span className="pulse" aria-hidden="true" />}
              <span>
                {paused ? 'Paused at' : 'As of'} {clock(asOf, zone)} · {zone} · counts follow a click by up to{' '}
                {freshnessSeconds} s
              </span>
              <Hint about="live counts">
                <p>
                  This view asks every 5 seconds. Events are collected for up to {freshnessSeconds} seconds before they
                  are counted, which takes a second or two.
                  {freshnessSeconds < 40 && ' With little traffic, it may take up to 40 seconds.'}
                </p>
              </Hint>
            </p>
            {errors.map(({ part, message }) => (
              <Notice key={part}>{message}</Notice>
            ))}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Sums({ minutes }: { minutes: readonly Minute[] }) {
  const last = minutesOfNow(minutes);
  return (
    <dl className="figures">
      <Figure main name="Now" value={formatCount(sumMinutes(last, 'views') + sumMinutes(last, 'clicks'))}>
        <span className="soft">views and clicks of 5 min</span>
      </Figure>
      {(['views', 'clicks'] as const).map((name) => (
        <Figure
          key={name}
          tone={name}
          name={name === 'views' ? 'Views' : 'Clicks'}
          value={formatCount(sumMinutes(minutes, name))}
        >
          <span className="soft">{formatCount(sumMinutes(last, name))} in the last 5 min</span>
        </Figure>
      ))}
    </dl>
  );
}

function clock(iso: string, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
    Date.parse(iso),
  );
}

function Columns({ minutes, zone }: { minutes: readonly Minute[]; zone: string }) {
  const most = Math.max(4, ...minutes.map(({ views, clicks }) => Math.max(views, clicks)));
  function bar(value: number): { y: number; height: number } {
    const tall = (value / most) * height;
    return { y: height - tall, height: tall };
  }
  return (
    <div>
      <svg
        className="minutes"
        viewBox={`0 0 ${slot * minutes.length} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Views and clicks by minute. The table shows the same numbers."
      >
        {minutes.map(({ start, views, clicks }, index) => (
          <g key={start}>
            <title>{`${clock(start, zone)}: ${plural(views, 'view')}, ${plural(clicks, 'click')}`}</title>
            <rect className="slot" x={index * slot} y={0} width={slot} height={height} />
            <rect className="views" x={index * slot + 1} width={slot / 2 - 1} {...bar(views)} />
            <rect className="clicks" x={index * slot + slot / 2} width={slot / 2 - 1} {...bar(clicks)} />
          </g>
        ))}
      </svg>
      <p className="axis soft" aria-hidden="true">
        <span>{clock(minutes[0]?.start ?? '', zone)}</span>
        <span>Now</span>
      </p>
    </div>
  );
}

function MinuteTable({ minutes, zone }: { minutes: readonly Minute[]; zone: string }) {
  return (
    <DataTable label="Views and clicks by minute" columns={['Minute', 'Views', 'Clicks']}>
      {minutes.toReversed().map(({ start, views, clicks }) => (
        <tr key={start}>
          <th scope="row">{clock(start, zone)}</th>
          <td>{formatCount(views)}</td>
          <td>{formatCount(clicks)}</td>
        </tr>
      ))}
    </DataTable>
  );
}
