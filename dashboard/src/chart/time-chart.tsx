import { type PointerEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { formatShort } from '../format/numbers.ts';
import { formatTick } from '../format/times.ts';
import { fineTicks, type Frame, linePath, niceTicks, rangePath, tickIndexes, xOf, yOf } from './geometry.ts';

export interface ChartLine {
  /** `views`, `clicks before` */
  className: string;
  /** One per point; null interrupts the line. */
  values: readonly (number | null)[];
  area?: boolean;
}

/** A part of the chart, by its first and last point. */
export interface ChartBand {
  key: string;
  from: number;
  to: number;
}

interface TimeChartProps {
  /** Start of each point: a local date, or an hour. */
  starts: readonly string[];
  lines: readonly ChartLine[];
  /** A range around a line, such as a prediction interval. */
  range?: { className: string; values: readonly ([low: number, high: number] | null)[] };
  /** The last exact point: what follows has not settled. */
  unsettledFrom?: number | undefined;
  alerts?: readonly ChartBand[];
  /** Points at which something has changed. */
  marks?: readonly number[];
  /** The values have fractions, or may be negative. */
  fine?: boolean;
  /** Formats a value of the axis, in at most six characters. @default formatShort */
  formatValue?: (value: number) => string;
  height: number;
  tip: (index: number) => ReactNode;
  /** Is placed below the chart, by the position of each point in pixels. */
  children?: (positionOf: (index: number) => number) => ReactNode;
}

/** Lines over time. The caller names it, and offers its numbers as a table. */
export function TimeChart(props: TimeChartProps) {
  const { starts, lines, range, unsettledFrom, alerts = [], marks = [], fine = false, height, tip, children } = props;
  const { formatValue = formatShort } = props;
  const { box, width } = useWidth();
  const [hovered, setHovered] = useState<number>();
  const pattern = useId();
  const most = Math.max(
    0,
    ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)),
    ...(range?.values ?? []).map((each) => each?.[1] ?? 0),
  );
  const least = Math.min(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const ticks = fine ? fineTicks(least, most) : niceTicks(most);
  const frame: Frame = { width, height, points: starts.length, most: ticks.at(-1) ?? 1, least: ticks[0] ?? 0 };
  const index = hovered === undefined || hovered >= starts.length ? undefined : hovered;
  function point({ clientX, currentTarget }: PointerEvent<SVGSVGElement>): void {
    const at = clientX - currentTarget.getBoundingClientRect().left;
    const step = starts.length > 1 ? xOf(frame, 1) - xOf(frame, 0) : 1;
    setHovered(Math.min(starts.length - 1, Math.max(0, Math.round((at - xOf(frame, 0)) / step))));
  }
  return (
    <div className="time-chart" ref={box}>
      <svg
        width={width}
        height={height}
        aria-hidden="true"
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setHovered(undefined)}
      >
        <Hatch id={pattern} />
        {unsettledFrom !== undefined && (
          <Region frame={frame} from={unsettledFrom} to={starts.length - 1} fill={`url(#${pattern})`} />
        )}
        {alerts.map(({ key, from, to }) => (
          <g key={key}>
            {from !== to && <Region frame={frame} from={from} to={to} className="alert-band" />}
            <line className="alert-mark" {...vertical(frame, from)} />
          </g>
        ))}
        {marks.map((at) => (
          <line key={at} className="version-mark" {...vertical(frame, at)} />
        ))}
        <Grid frame={frame} ticks={ticks} starts={starts} formatValue={formatValue} />
        {range && <path className={`range ${range.className}`} d={rangePath(frame, range.values)} />}
        {lines.map((line) => (
          <Line key={line.className} frame={frame} line={line} unsettledFrom={unsettledFrom} />
        ))}
        {index !== undefined && <line className="cursor" {...vertical(frame, index)} />}
      </svg>
      {index !== undefined && (
        <div className={`tip ${xOf(frame, index) > width / 2 ? 'before' : ''}`} style={{ left: xOf(frame, index) }}>
          {tip(index)}
        </div>
      )}
      {children?.((at) => xOf(frame, at))}
    </div>
  );
}

/** Returns a ref for an element, and its width in pixels. */
function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(1, entry.contentRect.width)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return { box, width };
}

/** Diagonal lines behind numbers that have not settled. */
function Hatch({ id }: { id: string }) {
  return (
    <pattern id={id} className="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line x1="0" y1="0" x2="0" y2="6" />
    </pattern>
  );
}

interface RegionProps {
  frame: Frame;
  from: number;
  to: number;
  className?: string;
  fill?: string;
}

function Region({ frame, from, to, ...look }: RegionProps) {
  const left = xOf(frame, from);
  // A single point is a strip around it.
  const width = Math.max(xOf(frame, to) - left, 8);
  return (
    <rect
      {...look}
      x={left}
      y={yOf(frame, frame.most)}
      width={width}
      height={yOf(frame, frame.least) - yOf(frame, frame.most)}
    />
  );
}

function vertical(frame: Frame, index: number) {
  const x = xOf(frame, index);
  return { x1: x, x2: x, y1: yOf(frame, frame.most), y2: yOf(frame, frame.least) };
}

interface GridProps {
  frame: Frame;
  ticks: readonly number[];
  starts: readonly string[];
  formatValue: (value: number) => string;
}

function Grid({ frame, ticks, starts, formatValue }: GridProps) {
  const right = xOf(frame, frame.points - 1);
  return (
    <g className="grid-lines">
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={xOf(frame, 0)} x2={right} y1={yOf(frame, tick)} y2={yOf(frame, tick)} />
          <text x={xOf(frame, 0) - 8} y={yOf(frame, tick)} dy="0.32em" textAnchor="end">
            {formatValue(tick)}
          </text>
        </g>
      ))}
      {tickIndexes(frame).map((index) => (
        <text
          key={index}
          x={xOf(frame, index)}
          y={frame.height - 6}
          textAnchor={index > 0 && right - xOf(frame, index) < 24 ? 'end' : 'middle'}
        >
          {formatTick(starts[index] ?? '')}
        </text>
      ))}
    </g>
  );
}

interface LineProps {
  frame: Frame;
  line: ChartLine;
  unsettledFrom: number | undefined;
}

function Line({ frame, line: { className, values, area = false }, unsettledFrom }: LineProps) {
  const exact = area && unsettledFrom !== undefined ? unsettledFrom : values.length - 1;
  return (
    <g className={`line ${className}`}>
      {area && <path className="area" d={linePath(frame, values, 0, values.length - 1, true)} />}
      <path d={linePath(frame, values, 0, exact)} />
      {exact < values.length - 1 && (
        <path className="unsettled-line" d={linePath(frame, values, exact, values.length - 1)} />
      )}
      {values.length === 1 && <circle cx={xOf(frame, 0)} cy={yOf(frame, values[0] ?? 0)} r="3" />}
    </g>
  );
}
