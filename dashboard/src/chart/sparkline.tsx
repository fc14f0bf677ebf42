const width = 96;
const height = 24;

interface SparklineProps {
  values: readonly number[];
  label: string;
}

/** A small line chart without axes, scaled from zero to its maximum. */
export function Sparkline({ values, label }: SparklineProps) {
  const points = toPoints(values)
    .map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`)
    .join(' ');
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polygon points={`0,${height} ${points} ${width},${height}`} />
      <polyline points={points} />
    </svg>
  );
}

function toPoints(values: readonly number[]): [number, number][] {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  return values.map((value, index) => [index * step, height - 2 - (value / most) * (height - 4)]);
}
