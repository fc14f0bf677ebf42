import type { UseQueryResult } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { Stats } from '#schemas/api.ts';
import type { Anomaly } from '#schemas/api/detection.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { formatPoint } from '../../format/times.ts';
import { type ChartOrTable, ChartOrTableControl } from '../../components/chart-or-table.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty, type Stale, Loaded, Panel, Skeleton } from '../../components/panel.tsx';
import { type Band, bandsAt, toBands } from '../alerts/incident-bands.ts';
import { firstLivePoint, toSeriesPoints, type SeriesPoint, withoutEmptyStart } from './series-points.ts';

interface TrafficProps {
  query: UseQueryResult<Stats>;
  stale: Stale<Stats> | undefined;
  previous: Stats | undefined;
  /** Only pages have views. */
  views: boolean;
  anomalies: readonly Anomaly[];
  /** Begins with the first traffic instead of the first day. */
  fromFirst: boolean;
}

/** Views and clicks over time, as a chart or a table. */
export function Traffic({ query, stale, ...shown }: TrafficProps) {
  const { views, anomalies } = shown;
  const [format, setFormat] = useState<ChartOrTable>('chart');
  // Loads in parallel with the numbers; an error shows when the chart renders.
  useEffect(() => void loadChart().catch(() => undefined), []);
  return (
    <Panel
      title="Traffic"
      className="wide"
      hint={
        <>
          <p>
            The shaded part is <b>live</b> and can still change slightly. The rest is exact.
          </p>
          <p>The dashed line is the compared period, aligned by its first day.</p>
          {anomalies.length > 0 && <p>Red marks are alerts. The table names them.</p>}
        </>
      }
      actions={
        <>
          <ul className="legend" aria-hidden="true">
            {views && <li className="views">Views</li>}
            <li className="clicks">Clicks</li>
          </ul>
          <ChartOrTableControl label="Traffic as" value={format} onChange={setFormat} />
        </>
      }
    >
      <Loaded query={query} stale={stale} rows={6}>
        {(stats) => <Series stats={stats} format={format} {...shown} />}
      </Loaded>
    </Panel>
  );
}

function loadChart() {
  return import('./series-chart.tsx');
}

const SeriesChart = lazy(loadChart);

interface SeriesProps extends Omit<TrafficProps, 'query' | 'stale'> {
  stats: Stats;
  format: ChartOrTable;
}

function Series({ stats, previous, views, anomalies, fromFirst, format }: SeriesProps) {
  const all = toSeriesPoints(stats, previous);
  const points = fromFirst ? withoutEmptyStart(all) : all;
  const bands = toBands(anomalies, points);
  const compared = previous !== undefined;
  if (points.every((point) => point.views === 0 && point.clicks === 0 && !compared))
    return <Empty>No traffic in this period. New clicks show up here within a minute.</Empty>;
  if (format === 'table') return <SeriesTable points={points} views={views} compared={compared} bands={bands} />;
  const marks = bands.length > 0 ? `, ${plural(bands.length, 'alert')} marked` : '';
  return (
    <div className="chart" role="img" aria-label={`Traffic over time${marks}. The table shows the same numbers.`}>
      <Suspense fallback={<Skeleton rows={6} />}>
        <SeriesChart
          points={points}
          views={views}
          compared={compared}
          liveFrom={firstLivePoint(points, stats)}
          bands={bands}
        />
      </Suspense>
    </div>
  );
}

interface SeriesTableProps {
  points: readonly SeriesPoint[];
  views: boolean;
  compared: boolean;
  bands: readonly Band[];
}

function SeriesTable({ points, views, compared, bands }: SeriesTableProps) {
  const columns: Column[] = [
    'Start',
    ...(views ? ['Views'] : []),
    'Clicks',
    ...(compared && views ? ['Previous views'] : []),
    ...(compared ? ['Previous clicks'] : []),
    ...(bands.length > 0 ? [{ name: 'Alert', align: 'text' } as const] : []),
  ];
  return (
    <DataTable label="Traffic over time" columns={columns}>
      {points.toReversed().map((point) => (
        <tr key={point.start}>
          <th scope="row">{formatPoint(point.start)}</th>
          {views && <td>{formatCount(point.views)}</td>}
          <td>{formatCount(point.clicks)}</td>
          {compared && views && <td>{formatCount(point.before?.views ?? null)}</td>}
          {compared && <td>{formatCount(point.before?.clicks ?? null)}</td>}
          {bands.length > 0 && (
            <td className="text">
              {bandsAt(bands, point.start)
                .map(({ words }) => words)
                .join('; ')}
            </td>
          )}
        </tr>
      ))}
    </DataTable>
  );
}
