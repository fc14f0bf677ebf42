import { hourAt, utcDatesAround } from '#core/settle/hours.ts';
import { type SettledTableName, settledTables } from '#schemas/lake-tables.ts';
import { audienceDistribution, hourlyTraffic, linkPerformance } from '#stores/lake/lake-queries.ts';
import { createStep, type Visit } from './visit.ts';

/** Rebuilds `hourly_traffic` of the UTC dates of which hours were committed. */
export const rebuildTraffic = createStep({
  units: async ({ deps, since }) => (await deps.state.workLists()).traffic.filter((dt) => dt >= hourAt(since).dt),
  run: async (visit, dt) => {
    await rebuildView(visit, { view: 'traffic', dt, run: visit.nextRun(), zones: [] });
    await visit.deps.state.removeWork('traffic', [dt]);
  },
});

type View = Extract<SettledTableName, 'traffic' | 'audience' | 'links'>;

export interface ViewPartition {
  view: View;
  /** A UTC date for traffic, a local date for the other views. */
  dt: string;
  run: string;
  /** Zones in which the local date has ended; empty for traffic. */
  zones: readonly string[];
}

/** Writes a partition of a view to a new folder, then makes it visible. */
export async function rebuildView(visit: Visit, partition: ViewPartition): Promise<void> {
  const { deps, tombstones } = visit;
  const { view, dt, run, zones } = partition;
  const { name, prefix } = settledTables[view];
  const location = `s3://${deps.bucket}/${prefix}dt=${dt}/run=${run}/`;
  await unload(visit, partition, location);
  await deps.state.putPartition(name, dt, { run, zones: [...zones] });
  await deps.partitions.point(name, [dt], location);
  if (tombstones.length === 0) return;
  // An older run may still hold erased rows.
  const runs = await deps.files.list(`${prefix}dt=${dt}/`);
  await deps.files.delete(runs.map(({ key }) => key).filter((key) => !key.includes(`/run=${run}/`)));
}

function unload({ deps: { athena } }: Visit, { view, dt }: ViewPartition, location: string) {
  switch (view) {
    case 'traffic':
      return athena.unload(hourlyTraffic, { dt }, location);
    case 'audience':
      return athena.unload(audienceDistribution, { ...utcDatesAround(dt), date: dt }, location);
    case 'links':
      return athena.unload(linkPerformance, { ...utcDatesAround(dt), date: dt }, location);
    default:
      return view satisfies never;
  }
}
