import { z } from 'zod';

export interface MetricPoint {
  namespace: string;
  name: string;
  unit: string;
  dimensions: Readonly<Record<string, string>>;
  at: number;
  value: number;
}

export interface MetricSeries extends Omit<MetricPoint, 'at' | 'value'> {
  points: readonly { at: number; value: number }[];
}

/** Keeps recent points of every metric that functions write. */
export interface Metrics {
  take: (line: string) => void;
  series: () => readonly MetricSeries[];
}

export function createMetrics(): Metrics {
  const series = new Map<string, MetricSeries & { points: { at: number; value: number }[] }>();
  return {
    take: (line) => {
      if (!line.includes('"_aws"')) return;
      for (const { at, value, ...identity } of parsePoints(line)) {
        const key = JSON.stringify(identity);
        const present = series.get(key) ?? { ...identity, points: [] };
        present.points.push({ at, value });
        if (present.points.length > keptPoints) present.points.shift();
        series.set(key, present);
      }
    },
    series: () => [...series.values()],
  };
}

/** Per series. */
const keptPoints = 240;

/** CloudWatch's embedded metric format, as written by Powertools. */
const embeddedSchema = z
  .object({
    _aws: z.object({
      Timestamp: z.number(),
      CloudWatchMetrics: z.array(
        z.object({
          Namespace: z.string(),
          Dimensions: z.array(z.array(z.string())).default([]),
          Metrics: z.array(z.object({ Name: z.string(), Unit: z.string().default('None') })),
        }),
      ),
    }),
  })
  .loose();

function parsePoints(line: string): MetricPoint[] {
  const parsed = embeddedSchema.safeParse(JSON.parse(line));
  if (!parsed.success) return [];
  const { _aws, ...values } = parsed.data;
  function dimensionsOf(names: readonly string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, String(values[name])]));
  }
  return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name, Unit }) =>
      [values[Name]].flat().flatMap((value): MetricPoint[] =>
        typeof value === 'number'
          ? [
              {
                namespace: Namespace,
                name: Name,
                unit: Unit,
                dimensions: dimensionsOf(Dimensions[0] ?? []),
                at: _aws.Timestamp,
                value,
              },
            ]
          : [],
      ),
    ),
  );
}
