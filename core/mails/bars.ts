import { count } from './words.ts';

export interface BarPoint {
  label: string;
  /** null if unknown. */
  value: number | null;
  /** Marks the day that the mail is about. */
  marked: boolean;
}

export interface Bar extends BarPoint {
  /** 0 to 100. */
  width: number;
  /** The formatted value. */
  shown: string;
}

/** Scales bars to the largest value; every value above 0 gets at least a thin bar. */
export function bars(points: readonly BarPoint[], words: (value: number) => string = count): Bar[] {
  const largest = Math.max(0, ...points.map(({ value }) => value ?? 0));
  return points.map((point) => {
    const { value } = point;
    const width = value === null || largest === 0 ? 0 : Math.round((100 * value) / largest);
    return {
      ...point,
      width: value !== null && value > 0 ? Math.max(1, width) : 0,
      shown: value === null ? '–' : words(value),
    };
  });
}

/** Renders the chart as text: `Sun 22  ███████▌ 380`. */
export function textBars(chart: readonly Bar[]): string {
  const width = Math.max(0, ...chart.map(({ label }) => label.length));
  return chart
    .map(
      ({ label, width: share, shown, marked }) =>
        `${marked ? '>' : ' '} ${label.padEnd(width)}  ${drawn(share)} ${shown}`,
    )
    .join('\n');
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Length of the longest bar in characters. */
const longest = 24;

function drawn(width: number): string {
  const parts = Math.max(width > 0 ? 1 : 0, Math.round((width / 100) * longest * 8));
  return '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
}
