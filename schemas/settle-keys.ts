/** Keys of settle's records in the `catalog` table, and of what it keeps in the lake beside its tables. */
export const settleKeys = {
  /** Held by the one settle that runs. */
  lease: { pk: 'settle', sk: 'lease' },
  /** What is begun and not finished: sets of hours, UTC dates and local dates. */
  work: { pk: 'settle', sk: 'work' },
  watermark: { pk: 'settle', sk: 'through' },
  hour: ({ dt, hr }: { dt: string; hr: string }) => ({ pk: `settle-hour#${dt}`, sk: hr }),
  /** The present run of a table's partition. */
  partition: (table: string, dt: string) => ({ pk: `settle-run#${table}`, sk: dt }),
  tombstone: (hash: string) => ({ pk: 'tombstone', sk: hash }),
  rule: (id: string) => ({ pk: 'reclassification', sk: id }),
} as const;

/** Leading keys that settle may read and write in the catalog. */
export const settleLeadingKeys: readonly string[] = [
  'settle',
  'settle-hour#*',
  'settle-run#*',
  'tombstone',
  'reclassification',
];

/** Run of an hour that was never settled: no folder has this name. */
export const noRun = 'none';

/** What a run read: the files with the rows that they promise. */
export function manifestKey({ dt, hr }: { dt: string; hr: string }, run: string): string {
  return `settled/manifests/dt=${dt}/hr=${hr}/${run}.json`;
}

/** Entities that have an item of a local date. */
export function dayEntitiesKey(date: string): string {
  return `settled/days/dt=${date}/entities.json`;
}
