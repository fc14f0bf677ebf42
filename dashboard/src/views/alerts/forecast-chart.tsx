import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { PageForecast } from '#schemas/alerts.ts';
import { formatCount, formatShort } from '../../format/numbers.ts';
import { formatPoint, formatTick } from '../../format/times.ts';
import { type ForecastPoint, joinLines } from './forecast-points.ts';

const noMotion = { isAnimationActive: false, dot: false } as const;

interface ForecastChartProps {
  points: readonly ForecastPoint[];
  unit: PageForecast['unit'];
}

export default function ForecastChart({ points, unit }: ForecastChartProps) {
  return (
    <ResponsiveContainer width="100%" height={220} initialDimension={{ width: 600, height: 220 }}>
      <ComposedChart
        data={joinLines(points)}
        margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} className="grid" />
        <XAxis dataKey="date" tickFormatter={formatTick} tickLine={false} axisLine={false} minTickGap={32} />
        <YAxis tickFormatter={formatShort} tickLine={false} axisLine={false} width={44} allowDecimals={false} />
        <Tooltip content={<Tip unit={unit} />} isAnimationActive={false} />
        <Area {...noMotion} dataKey="range" className={`area ${unit} interval`} activeDot={false} />
        <Area {...noMotion} dataKey="actual" className={`area ${unit}`} />
        <Line {...noMotion} dataKey="expected" className={`line ${unit} expected`} />
      </ComposedChart>
    </ResponsiveContainer>
  );
}

interface TipProps {
  active?: boolean;
  payload?: readonly { payload: ForecastPoint }[];
  unit: string;
}

function Tip({ active, payload, unit }: TipProps) {
  const point = active ? payload?.[0]?.payload : undefined;
  if (!point) return null;
  const { date, actual, expected, range } = point;
  return (
    <div className="tip">
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
    </div>
  );
}
