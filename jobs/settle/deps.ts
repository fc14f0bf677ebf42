import type { Backlog } from '#core/settle/closing.ts';
import type { UtcHour } from '#core/settle/hours.ts';
import type { LakeMetric } from '#stores/lake/metric-queries.ts';
import type { Athena } from '#stores/lake/athena.ts';
import type { Lake } from '#stores/lake/lake.ts';
import type { Partitions } from '#stores/lake/glue-partitions.ts';
import type { SettleState } from '#stores/settle/settle-state.ts';
import type { SettledFiles } from '#stores/lake/settled-files.ts';
import type { DirtyHours } from '#stores/counters/dirty-hours.ts';
import type { SettledRollups } from '#stores/counters/settled-counters.ts';

/** An event for the log and the metrics. Those with `alert` raise an alarm. */
export type SettleEvent =
  | { kind: 'hour-settled'; hour: string; why: string; run: string; events: number; files: number; erased: number }
  | { kind: 'hour-corrected'; hour: string; correctedBy: number }
  | { kind: 'date-settled'; date: string; entities: number; run: string }
  | { kind: 'file-unreadable'; alert: true; hour: string; key: string; reason: string }
  | { kind: 'hour-refused'; alert: true; hour: string; reason: string }
  | { kind: 'hour-kept'; alert: true; hour: string; reason: string }
  | { kind: 'hour-changed'; hour: string }
  | { kind: 'rules-failed'; alert: true; rules: number; reason: string }
  | { kind: 'metrics-failed'; alert: true; from: string; to: string; reason: string };

export interface SettleDeps {
  athena: Athena;
  state: SettleState;
  lake: Lake;
  files: SettledFiles;
  partitions: Partitions;
  rollups: SettledRollups;
  dirty: DirtyHours;
  /** Name of the lake's bucket. */
  bucket: string;
  /** Reads the state of an hour in the queues and the counters. */
  backlog: (hour: UtcHour) => Promise<Backlog>;
  /** Reads the counted events of an hour from the hot counters; undefined if these have expired. */
  hotCounted: (hour: UtcHour) => Promise<number | undefined>;
  /** Lists the IANA zones of the pages, each once. */
  zones: () => Promise<string[]>;
  /** Lists the metrics of all pages; a settle reads them once. */
  metrics: () => Promise<LakeMetric[]>;
  /** Seconds within which an event with the same repeat key is a duplicate, if the port is known, and if it is not. */
  windows: { known: number; unknown: number };
  /** Rows that one query settles; above, an hour is settled in slices. @default 5 million */
  rowsPerSlice?: number;
  now: () => number;
  random: (bytes: number) => Uint8Array;
  report: (event: SettleEvent) => void;
}
