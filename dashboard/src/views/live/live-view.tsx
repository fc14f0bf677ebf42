import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Realtime, realtimeSchema } from '#schemas/api/realtime.ts';
import { useApi } from '../../api/context.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { Hint } from '../../components/hint.tsx';
import { LiveRegion } from '../../components/live-region.tsx';
import { type ChartOrTable, ChartOrTableControl } from '../../components/chart-or-table.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Empty, Loaded, Notice, Panel } from '../../components/panel.tsx';

const refreshMs = 5_000;

const height = 120;
const slot = 12;

/** Views and clicks of the last 30 minutes. @param page its path without the slash */
export default function LiveView({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  const [format, setFormat] = useState<ChartOrTable>('chart');
  const live = useQuery({
    queryKey: ['realtime', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/realtime', realtimeSchema, { param: { page }, signal }),
    refetchInterval: refreshMs,
    staleTime: 0,
  });

  return (
    <Panel
      title="Last 30 minutes"
      actions={<ChartOrTableControl label="Last 30 minutes as" value={format} onChange={setFormat} />}
    >
      <Loaded query={live} rows={6}>
        {({ minutes, asOf, freshnessSeconds, errors }) => (
          <div className="stack">
            <Now minutes={minutes} />
            <LiveRegion
              about={clock(asOf, zone)}
              text={`${plural(sum(minutes, 'views'), 'view')}, ${plural(sum(minutes, 'clicks'), 'click')} in the last 30 minutes`}
            />
            {minutes.every(({ views, clicks }) => views === 0 && clicks === 0) ? (
              <Empty>No traffic in the last 30 minutes. New views and clicks show up here within a minute.</Empty>
            ) : format === 'chart' ? (
              <Columns minutes={minutes} zone={zone} />
            ) : (
              <MinuteTable minutes={minutes} zone={zone} />
            )}
            <p className="freshness">
              <span className="pulse" aria-hidden="true" />
              <span>
                As of {clock(asOf, zone)} · {zone} · counts follow a click by up to {freshnessSeconds} s
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

type Minute = Realtime['minutes'][number];

function Now({ minutes }: { minutes: readonly Minute[] }) {
  return (
    <dl className="figures">
      {(['views', 'clicks'] as const).map((name) => (
        <div key={name} className={`figure ${name}`}>
          <dt>{name === 'views' ? 'Views' : 'Clicks'}</dt>
          <dd>
            <span className="figure-value">{formatCount(sum(minutes, name))}</span>
            <span className="soft">{formatCount(sum(minutes.slice(-5), name))} in the last 5 min</span>
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
