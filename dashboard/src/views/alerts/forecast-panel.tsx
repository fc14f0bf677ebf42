import { useState } from 'react';
import type { PageForecast } from '#schemas/alerts.ts';
import type { Forecast } from '#schemas/api/detection.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import { type ChartOrTable, ChartOrTableControl } from '../../chart/chart-or-table.tsx';
import { Empty, Loaded, Notice, Panel } from '../../components/panel.tsx';
import { DataRows } from '../../expand/data-rows.tsx';
import type { Data } from '../../expand/data-table.ts';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { Link } from '../../router/link.tsx';
import { pagePath } from '../../router/routes.ts';
import { ForecastChart } from './forecast-chart.tsx';
import { type ForecastPoint, toForecastPoints } from './forecast-points.ts';
import { useForecast } from './queries.ts';

/** The last four weeks and the forecast of the next four. */
export function ForecastPanel({ page }: { page: string }) {
  const query = useForecast(page);
  const [format, setFormat] = useState<ChartOrTable>('chart');
  const expansion = useExpansion();
  const unit = query.data?.forecast?.unit ?? 'views';
  return (
    <Panel
      title="Forecast"
      className="forecast-panel"
      hint={
        <>
          <p>
            Based on settled days and their weekdays. The shaded range is the 80% prediction interval: four of five days
            fall inside it. Unexpected events, such as a viral post, are not predicted.
          </p>
          <p>The ranges of the totals add up the daily limits, so they are wider than 80%.</p>
        </>
      }
      actions={
        query.data?.forecast?.state === 'forecast' && (
          <>
            <ul className="legend" aria-hidden="true">
              <li className={unit}>Counted</li>
              <li className={`${unit} expected`}>Expected</li>
            </ul>
            <ChartOrTableControl label="Forecast as" value={format} onChange={setFormat} />
          </>
        )
      }
      onExpand={query.data?.forecast?.state === 'forecast' ? expansion.show : undefined}
    >
      <Loaded query={query} rows={6}>
        {(forecast) => (
          <>
            <ForecastContent response={forecast} page={page} format={format} />
            <Expanded
              expansion={expansion}
              title="Forecast"
              file={`${page}-forecast`}
              data={() => toData(toForecastPoints(forecast))}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

interface ForecastContentProps {
  response: Forecast;
  page: string;
  format: ChartOrTable;
}

function ForecastContent({ response, page, format }: ForecastContentProps) {
  const { forecast, recent, totals, words } = response;
  if (forecast === null)
    return <Empty>No forecast yet. The first one appears the night after the first settled day.</Empty>;
  const basis = `Based on days through ${formatDate(forecast.through)}. Updated every night.`;
  if (words.skipped !== null)
    return (
      <Empty>
        {words.skipped} {basis}
      </Empty>
    );
  const points = toForecastPoints(response);
  return (
    <div className="stack">
      <Totals totals={totals} unit={forecast.unit} />
      <Pace forecast={forecast} words={words} page={page} />
      {recent === null && <Notice>Past days are temporarily unavailable. Showing the forecast only.</Notice>}
      {format === 'table' ? (
        <DataRows label={`Forecast by day, in ${forecast.unit}`} {...toData(points)} />
      ) : (
        <figure className="chart" aria-label="Forecast by day. The table shows the same numbers.">
          <ForecastChart points={points} unit={forecast.unit} />
        </figure>
      )}
      <p className="soft basis">{basis}</p>
    </div>
  );
}

function Totals({ totals, unit }: { totals: Forecast['totals']; unit: PageForecast['unit'] }) {
  return (
    <dl className="balance">
      {totals.map(({ days, expected, low, high }) => (
        <div key={days}>
          <dt>Next {days} days</dt>
          <dd>{rounded(expected)}</dd>
          <dd className="interval">
            {rounded(low)} to {rounded(high)} {unit}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function rounded(value: number): string {
  return formatCount(Math.round(value));
}

/** The month’s projected total against its goal. */
function Pace({ forecast, words, page }: { forecast: PageForecast; words: Forecast['words']; page: string }) {
  if (forecast.pace === null || words.pace === null) return null;
  const { goal, verdict } = forecast.pace;
  return (
    <p className={`pace ${verdict ?? 'open'}`}>
      {words.pace} {goal === null && <Link to={pagePath(page, 'settings')}>Set a goal</Link>}
    </p>
  );
}

function toData(points: readonly ForecastPoint[]): Data {
  return {
    columns: [
      { name: 'Day', kind: 'point' },
      { name: 'Counted', kind: 'count' },
      { name: 'Expected', kind: 'estimate' },
      { name: 'Low', kind: 'estimate' },
      { name: 'High', kind: 'estimate' },
    ],
    rows: points.map(({ date, actual, expected, range }) => ({
      key: date,
      values: [date, actual, ...[expected, range?.[0] ?? null, range?.[1] ?? null].map(roundKnown)],
    })),
  };
}

function roundKnown(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
