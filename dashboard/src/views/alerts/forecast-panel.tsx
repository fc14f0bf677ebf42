import { lazy, Suspense, useState } from 'react';
import type { PageForecast } from '#schemas/alerts.ts';
import type { Forecast } from '#schemas/api/detection.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatDate, formatLongDate } from '../../format/times.ts';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { Empty, Loaded, Panel, Skeleton } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { pagePath } from '../../router/routes.ts';
import { type ForecastPoint, toForecastPoints } from './forecast-points.ts';
import { useForecast } from './queries.ts';

type Shape = 'chart' | 'table';

/** What the next four weeks may bring, beside the four that were. */
export function ForecastPanel({ page }: { page: string }) {
  const query = useForecast(page);
  const [shape, setShape] = useState<Shape>('chart');
  const unit = query.data?.forecast?.unit ?? 'views';
  const shapes = [
    { value: 'chart', label: 'Chart' },
    { value: 'table', label: 'Table' },
  ] as const;
  return (
    <Panel
      title="Forecast"
      className="forecast-panel"
      hint={
        <>
          <p>
            Made from the settled days and their weekdays. The shaded range is where four of five days end up; what
            nobody can foresee, such as a post that goes viral, lies outside it.
          </p>
          <p>Totals add up the ends of the range: they are rather too wide than too narrow.</p>
        </>
      }
      actions={
        query.data?.forecast?.state === 'forecast' && (
          <>
            <ul className="legend" aria-hidden="true">
              <li className={unit}>Counted</li>
              <li className={`${unit} expected`}>Expected</li>
            </ul>
            <SegmentedControl label="Shape of the forecast" options={shapes} value={shape} onChange={setShape} />
          </>
        )
      }
    >
      <Loaded query={query} rows={6}>
        {(answer) => <Shown answer={answer} page={page} shape={shape} />}
      </Loaded>
    </Panel>
  );
}

const ForecastChart = lazy(() => import('./forecast-chart.tsx'));

function Shown({ answer, page, shape }: { answer: Forecast; page: string; shape: Shape }) {
  const { forecast, recent, totals, words } = answer;
  if (forecast === null) return <Empty>The first forecast is made in the night after the first settled day.</Empty>;
  const known = `It knows the days through ${formatDate(forecast.through)}, and is made anew every night.`;
  if (words.skipped !== null)
    return (
      <Empty>
        {words.skipped} {known}
      </Empty>
    );
  const points = toForecastPoints(answer);
  return (
    <div className="stack">
      <Totals totals={totals} unit={forecast.unit} />
      <Pace forecast={forecast} words={words} page={page} />
      {recent === null && (
        <p className="stale" role="status">
          The days before it cannot be read at the moment.
        </p>
      )}
      {shape === 'table' ? (
        <ForecastTable points={points} unit={forecast.unit} />
      ) : (
        <div className="chart" role="img" aria-label="Forecast by day; the table holds the same numbers">
          <Suspense fallback={<Skeleton rows={5} />}>
            <ForecastChart points={points} unit={forecast.unit} />
          </Suspense>
        </div>
      )}
      <p className="soft known">{known}</p>
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

/** Where the month is heading, and whether that reaches the goal. */
function Pace({ forecast, words, page }: { forecast: PageForecast; words: Forecast['words']; page: string }) {
  if (forecast.pace === null || words.pace === null) return null;
  const { goal, verdict } = forecast.pace;
  return (
    <p className={`pace ${verdict ?? 'open'}`}>
      {words.pace} {goal === null && <Link to={pagePath(page, 'settings')}>Set a goal</Link>}
    </p>
  );
}

function ForecastTable({ points, unit }: { points: readonly ForecastPoint[]; unit: PageForecast['unit'] }) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={`Numbers of the forecast, in ${unit}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Counted</th>
            <th scope="col">Expected</th>
            <th scope="col">At least</th>
            <th scope="col">At most</th>
          </tr>
        </thead>
        <tbody>
          {points.map(({ date, actual, expected, range }) => (
            <tr key={date}>
              <th scope="row">{formatLongDate(date)}</th>
              <td>{formatCount(actual)}</td>
              <td>{expected === null ? '' : rounded(expected)}</td>
              <td>{range === null ? '' : rounded(range[0])}</td>
              <td>{range === null ? '' : rounded(range[1])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
