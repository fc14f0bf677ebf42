import { catalogPartitions } from '#schemas/tables.ts';

export const reclassifiedSuffix = '#referrers';

/** Keys of settle's records in the `catalog` table. */
export const settleKeys = {
  /** Held by the one settle that runs. */
  lease: { pk: catalogPartitions.settle, sk: 'lease' },
  /** Unfinished work: sets of hours, UTC dates and local dates. */
  work: { pk: catalogPartitions.settle, sk: 'work' },
  /** An hour that must settle again: `2026-11-22T07`. */
  forced: (hour: string) => ({ pk: catalogPartitions.settle, sk: `forced#${hour}` }),
  /** An hour whose referrers must be classified again when it settles. Read together with {@link settleKeys.forced}. */
  reclassified: (hour: string) => ({ pk: catalogPartitions.settle, sk: `forced#${hour}${reclassifiedSuffix}` }),
  watermark: { pk: catalogPartitions.settle, sk: 'through' },
  hour: ({ dt, hr }: { dt: string; hr: string }) => ({ pk: `${catalogPartitions.settleHour}${dt}`, sk: hr }),
  /** The current run of a table's partition. */
  partition: (table: string, dt: string) => ({ pk: `${catalogPartitions.settleRun}${table}`, sk: dt }),
  tombstone: (hash: string) => ({ pk: catalogPartitions.tombstone, sk: hash }),
  rule: (id: string) => ({ pk: catalogPartitions.reclassification, sk: id }),
} as const;
