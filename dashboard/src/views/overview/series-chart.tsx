import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatShort, plural } from '../../format/numbers.ts';
import { formatPoint, formatTick } from '../../format/times.ts';
import { type Band, bandsAt } from '../alerts/incident-bands.ts';
import type { SeriesPoint } from './series-points.ts';

const noMotion = { isAnimationActive: false, dot: false } as const;

interface SeriesChartProps {
  points: readonly SeriesPoint[];
  views: boolean;
  compared: boolean;
  /** The point where the live, not yet exact, numbers begin. */
  liveFrom: string | undefined;
  bands: readonly Band[];
}

/** Loaded on demand: the chart library is the larger half of the scripts. */
export default function SeriesChart({ points, views, compared, liveFrom, bands }: SeriesChartProps) {
  const last = points.at(-1)?.start;
  return (
    <ResponsiveContainer width="100%" height={260} initialDimension={{ width: 600, height: 260 }}>
      <ComposedChart data={[...points]} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} className="grid" />
        {liveFrom !== undefined && last !== undefined && (
          <ReferenceArea x1={liveFrom} x2={last} className="live-range" ifOverflow="hidden" />
        )}
        {bands
          .filter(({ from, to }) => from !== to)
          .map(({ id, from, to }) => (
            <ReferenceArea key={id} x1={from} x2={to} className="alert-band" ifOverflow="hidden" />
          ))}
        {bands.map(({ id, from }) => (
          <ReferenceLine key={id} x={from} className="alert-mark" ifOverflow="hidden" />
        ))}
        <XAxis dataKey="start" tickFormatter={formatTick} tickLine={false} axisLine={false} minTickGap={32} />
        <YAxis tickFormatter={formatShort} tickLine={false} axisLine={false} width={44} allowDecimals={false} />
        <Tooltip content={<Tip views={views} compared={compared} bands={bands} />} isAnimationActive={false} />
        {compared && views && <Line {...noMotion} dataKey="before.views" className="line views before" />}
        {compared && <Line {...noMotion} dataKey="before.clicks" className="line clicks before" />}
        {views && <Area {...noMotion} dataKey="views" className="area views" />}
        <Area {...noMotion} dataKey="clicks" className="area clicks" />
      </ComposedChart>
    </ResponsiveContainer>
  );
}

interface TipProps {
  active?: boolean;
  payload?: readonly { payload: SeriesPoint }[];
  views: boolean;
  compared: boolean;
  bands: readonly Band[];
}

function Tip({ active, payload, views, compared, bands }: TipProps) {
  const point = active ? payload?.[0]?.payload : undefined;
  if (!point) return null;
  return (
    <div className="tip">
      <b>{formatPoint(point.start)}</b>
      {views && <span className="views">{plural(point.views, 'view')}</span>}
      <span className="clicks">{plural(point.clicks, 'click')}</span>
      {compared && point.before !== null && (
        <span className="soft">
          Previous: {views && `${plural(point.before.views, 'view')}, `}
          {plural(point.before.clicks, 'click')}
        </span>
      )}
      {bandsAt(bands, point.start).map(({ id, words }) => (
        <span key={id} className="alarm">
          {words}
        </span>
      ))}
    </div>
  );
}
