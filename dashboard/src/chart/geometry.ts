/** The size of a chart in pixels, its number of points, and its largest and smallest value. */
export interface Frame {
  width: number;
  height: number;
  points: number;
  most: number;
  /** At most 0. */
  least: number;
}

const margin = { top: 8, right: 6, bottom: 26, left: 44 } as const;

/** Returns the horizontal position of a point. A single one is in the middle. */
export function xOf({ width, points }: Frame, index: number): number {
  const space = width - margin.left - margin.right;
  return margin.left + (points > 1 ? (space * index) / (points - 1) : space / 2);
}

export function yOf({ height, most, least }: Frame, value: number): number {
  return height - margin.bottom - (height - margin.top - margin.bottom) * ((value - least) / (most - least));
}

/** Returns about four round numbers from 0 to at least the largest value: whole ones, because events are counted. */
export function niceTicks(most: number): number[] {
  const rough = Math.max(most, 4) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough);
  const whole = Math.ceil(step);
  return Array.from({ length: Math.max(1, Math.ceil(most / whole)) + 1 }, (_, at) => at * whole);
}

/** Returns about four round numbers from at most the smallest value, or 0, to at least the largest, or 0; with fractions. */
export function fineTicks(least: number, most: number): number[] {
  const rough = (Math.max(most, 0) - Math.min(least, 0)) / 4 || 0.25;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const first = Math.floor(Math.min(least, 0) / step);
  const last = Math.max(first + 1, Math.ceil(Math.max(most, 0) / step));
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

const labelWidth = 64;

/** Returns the points that have room for a label. */
export function tickIndexes(frame: Frame): number[] {
  const step = frame.points > 1 ? xOf(frame, 1) - xOf(frame, 0) : frame.width;
  const every = Math.max(1, Math.ceil(labelWidth / Math.max(step, 0.01)));
  return Array.from({ length: Math.ceil(frame.points / every) }, (_, at) => at * every);
}

/** Returns the path of a line from one point to another, interrupted where a value is null. */
export function linePath(
  frame: Frame,
  values: readonly (number | null)[],
  from: number,
  to: number,
  filled = false,
): string {
  const base = yOf(frame, 0);
  return splitAtNull(values.slice(from, to + 1))
    .map((run) => {
      const points = run.map(({ value, at }) => `${round(xOf(frame, from + at))},${round(yOf(frame, value))}`);
      const [first, last] = [run[0]?.at ?? 0, run.at(-1)?.at ?? 0];
      // A single point is a dot.
      const line = points.length === 1 && !filled ? `M${points[0]}h0` : `M${points.join('L')}`;
      return filled
        ? `${line}L${round(xOf(frame, from + last))},${base}L${round(xOf(frame, from + first))},${base}Z`
        : line;
    })
    .join('');
}

/** Returns the outline of a range. */
export function rangePath(frame: Frame, values: readonly (readonly [number, number] | null)[]): string {
  return splitAtNull(values)
    .map((run) => {
      const upper = run.map(({ value, at }) => `${round(xOf(frame, at))},${round(yOf(frame, value[1]))}`);
      const lower = run.map(({ value, at }) => `${round(xOf(frame, at))},${round(yOf(frame, value[0]))}`);
      return `M${[...upper, ...lower.toReversed()].join('L')}Z`;
    })
    .join('');
}

function splitAtNull<T>(values: readonly (T | null)[]): { value: T; at: number }[][] {
  const runs: { value: T; at: number }[][] = [];
  values.forEach((value, at) => {
    if (value === null) return;
    if (at > 0 && values[at - 1] !== null) runs.at(-1)?.push({ value, at });
    else runs.push([{ value, at }]);
  });
  return runs;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
