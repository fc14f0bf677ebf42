import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Realtime, realtimeSchema } from '#schemas/api/realtime.ts';
import { useApi } from '../../api/context.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { LiveRegion } from '../../components/live-region.tsx';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';

const refreshEvery = 5_000;

const height = 120;
const slot = 12;

/** The last half hour, minute by minute, as it goes on. `page` is the path without its slash. */
export default function LiveView({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  const [shape, setShape] = useState<'chart' | 'table'>('chart');
  const live = useQuery({
    queryKey: ['realtime', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/realtime', realtimeSchema, { param: { page }, signal }),
    refetchInterval: refreshEvery,
    staleTime: 0,
  });
  const shapes = [
    { value: 'chart', label: 'Chart' },
    { value: 'table', label: 'Table' },
  ] as const;
  return (
    <Panel
      title="The last 30 minutes"
      hint={
        <>
          <p>
            Follows by itself every 5 seconds. A click takes a few seconds to arrive; a lone one may take half a minute.
          </p>
          <p>The last minute is still running.</p>
        </>
      }
      actions={<SegmentedControl label="Shape" options={shapes} value={shape} onChange={setShape} />}
    >
      <Loaded query={live} rows={6}>
        {({ minutes, asOf, errors }) => (
          <div className="stack">
            <Now minutes={minutes} />
            <LiveRegion
              about={clock(asOf, zone)}
              text={`${plural(sum(minutes, 'views'), 'view')}, ${plural(sum(minutes, 'clicks'), 'click')} in 30 minutes`}
            />
            {minutes.every(({ views, clicks }) => views === 0 && clicks === 0) ? (
              <Empty>Nothing in the last 30 minutes. The next view or click shows here within seconds.</Empty>
            ) : shape === 'chart' ? (
              <Columns minutes={minutes} zone={zone} />
            ) : (
              <MinuteTable minutes={minutes} zone={zone} />
            )}
            <p className="freshness">
              <span className="pulse" aria-hidden="true" />
              As of {clock(asOf, zone)}
            </p>
            {errors.map(({ part, message }) => (
              <p key={part} className="stale" role="status">
                {message}
              </p>
            ))}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

type Minute = Realtime['minutes'][number];

function Now({ minutes }: { minutes: readonly Minute[] }) {
  return (
    <dl className="figures">
      {(['views', 'clicks'] as const).map((name) => (
        <div key={name} className={`figure ${name}`}>
          <dt>{name === 'views' ? 'Views, 30 minutes' : 'Clicks, 30 minutes'}</dt>
          <dd>
            <span className="figure-value">{formatCount(sum(minutes, name))}</span>
            <span className="soft">{formatCount(sum(minutes.slice(-5), name))} in the last 5</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function sum(minutes: readonly Minute[], name: 'views' | 'clicks'): number {
  return minutes.reduce((total, minute) => total + minute[name], 0);
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
        aria-label="Views and clicks by minute; the table holds the same numbers"
      >
        {minutes.map(({ start, views, clicks }, index) => (
          <g key={start}>
            <title>{`${clock(start, zone)}: ${views} views, ${clicks} clicks`}</title>
            <rect className="slot" x={index * slot} y={0} width={slot} height={height} />
            <rect className="views" x={index * slot + 1} width={slot / 2 - 1} {...bar(views)} />
            <rect className="clicks" x={index * slot + slot / 2} width={slot / 2 - 1} {...bar(clicks)} />
          </g>
        ))}
      </svg>
      <p className="axis soft" aria-hidden="true">
        <span>{clock(minutes[0]?.start ?? '', zone)}</span>
        <span>now</span>
      </p>
    </div>
  );
}

function MinuteTable({ minutes, zone }: { minutes: readonly Minute[]; zone: string }) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Numbers by minute">
      <table>
        <thead>
          <tr>
            <th scope="col">Minute</th>
            <th scope="col">Views</th>
            <th scope="col">Clicks</th>
          </tr>
        </thead>
        <tbody>
          {minutes.toReversed().map(({ start, views, clicks }) => (
            <tr key={start}>
              <th scope="row">{clock(start, zone)}</th>
              <td>{formatCount(views)}</td>
              <td>{formatCount(clicks)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
