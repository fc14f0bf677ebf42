import type { PageForecast } from '#schemas/alerts.ts';
import { TimeChart } from '../../chart/time-chart.tsx';
import { formatCount } from '../../format/numbers.ts';
import { formatPoint } from '../../format/times.ts';
import { type ForecastPoint, joinLines } from './forecast-points.ts';

interface ForecastChartProps {
  points: readonly ForecastPoint[];
  unit: PageForecast['unit'];
}

export function ForecastChart({ points, unit }: ForecastChartProps) {
  const joined = joinLines(points);
  return (
    <TimeChart
      height={220}
      starts={points.map(({ date }) => date)}
      range={{ className: unit, values: joined.map(({ range }) => range) }}
      lines={[
        { className: unit, area: true, values: joined.map(({ actual }) => actual) },
        { className: `${unit} expected`, values: joined.map(({ expected }) => expected) },
      ]}
      tip={(index) => <Tip point={points[index]} unit={unit} />}
    />
  );
}

function Tip({ point, unit }: { point: ForecastPoint | undefined; unit: string }) {
  if (!point) return null;
  const { date, actual, expected, range } = point;
  return (
    <>
      <b>{formatPoint(date)}</b>
      {actual !== null && (
        <span className={unit}>
          {formatCount(actual)} {unit}
        </span>
      )}
      {actual === null && expected !== null && range !== null && (
        <>
          <span className={unit}>
            about {formatCount(Math.round(expected))} {unit}
          </span>
          <span className="soft">
            {formatCount(Math.round(range[0]))} to {formatCount(Math.round(range[1]))}
          </span>
        </>
      )}
    </>
  );
}
