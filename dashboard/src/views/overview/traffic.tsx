import type { UseQueryResult } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { Stats } from '#schemas/api.ts';
import type { Anomaly } from '#schemas/api/detection.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { formatPoint } from '../../format/times.ts';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { Empty, type Stale, Loaded, Panel, Skeleton } from '../../components/panel.tsx';
import { type Band, bandsAt, toBands } from '../alerts/incident-bands.ts';
import { firstLivePoint, toSeriesPoints, type SeriesPoint } from './series-points.ts';

interface TrafficProps {
  query: UseQueryResult<Stats>;
  kept: Stale<Stats> | undefined;
  previous: Stats | undefined;
  /** A page has views, a link has not. */
  views: boolean;
  /** Alerts to be marked on it. */
  anomalies: readonly Anomaly[];
}

/** Views and clicks over time, as a chart or as its table. */
export function Traffic({ query, kept, previous, views, anomalies }: TrafficProps) {
  const [shape, setShape] = useState<'chart' | 'table'>('chart');
  // On its way while the numbers are; a failure shows where the chart would.
  useEffect(() => void loadChart().catch(() => undefined), []);
  const shapes = [
    { value: 'chart', label: 'Chart' },
    { value: 'table', label: 'Table' },
  ] as const;
  return (
    <Panel
      title="Traffic"
      className="wide"
      hint={
        <>
          <p>
            The shaded end is <b>live</b>: its hours have not settled, and may still move by a little. The rest is
            exact.
          </p>
          <p>The dashed line is the period before, laid under this one from its first day.</p>
          {anomalies.length > 0 && <p>A red mark is an alert; the table says which.</p>}
        </>
      }
      actions={
        <>
          <ul className="legend" aria-hidden="true">
            {views && <li className="views">Views</li>}
            <li className="clicks">Clicks</li>
          </ul>
          <SegmentedControl label="Shape" options={shapes} value={shape} onChange={setShape} />
        </>
      }
    >
      <Loaded query={query} stale={kept} rows={6}>
        {(stats) => <Series stats={stats} previous={previous} views={views} anomalies={anomalies} shape={shape} />}
      </Loaded>
    </Panel>
  );
}

function loadChart() {
  return import('./series-chart.tsx');
}

const SeriesChart = lazy(loadChart);

function Series({
  stats,
  previous,
  views,
  anomalies,
  shape,
}: {
  stats: Stats;
  previous: Stats | undefined;
  views: boolean;
  anomalies: readonly Anomaly[];
  shape: 'chart' | 'table';
}) {
  const points = toSeriesPoints(stats, previous);
  const bands = toBands(anomalies, points);
  const compared = previous !== undefined;
  if (points.every((point) => point.views === 0 && point.clicks === 0 && !compared))
    return <Empty>Nothing in this period. A click shows here within seconds.</Empty>;
  if (shape === 'table') return <SeriesTable points={points} views={views} compared={compared} bands={bands} />;
  const marks = bands.length > 0 ? `, ${plural(bands.length, 'alert')} marked` : '';
  return (
    <div className="chart" role="img" aria-label={`Traffic over time${marks}; the table holds the same numbers`}>
      <Suspense fallback={<Skeleton rows={6} />}>
        <SeriesChart
          points={points}
          views={views}
          compared={compared}
          movingFrom={firstLivePoint(stats)}
          bands={bands}
        />
      </Suspense>
    </div>
  );
}

function SeriesTable({
  points,
  views,
  compared,
  bands,
}: {
  points: readonly SeriesPoint[];
  views: boolean;
  compared: boolean;
  bands: readonly Band[];
}) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Numbers of the chart">
      <table>
        <thead>
          <tr>
            <th scope="col">Start</th>
            {views && <th scope="col">Views</th>}
            <th scope="col">Clicks</th>
            {compared && views && <th scope="col">Views before</th>}
            {compared && <th scope="col">Clicks before</th>}
            {bands.length > 0 && (
              <th scope="col" className="text">
                Alert
              </th>
            )}
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </div>
  );
}
