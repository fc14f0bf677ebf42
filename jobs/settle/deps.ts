import type { Backlog } from '#core/settle/closing.ts';
import type { UtcHour } from '#core/settle/hours.ts';
import type { Athena } from '#stores/lake/athena.ts';
import type { Lake } from '#stores/lake/lake.ts';
import type { Partitions } from '#stores/lake/glue-partitions.ts';
import type { SettleState } from '#stores/settle/settle-state.ts';
import type { SettledFiles } from '#stores/lake/settled-files.ts';
import type { SettledRollups } from '#stores/counters/settled-counters.ts';

/** Something that happened while settling, for the log and its metrics. `alert` events raise an alarm. */
export type SettleEvent =
  | { kind: 'hour-settled'; hour: string; why: string; run: string; events: number; files: number; erased: number }
  | { kind: 'hour-corrected'; hour: string; correctedBy: number }
  | { kind: 'date-settled'; date: string; entities: number; run: string }
  | { kind: 'file-unreadable'; alert: true; hour: string; key: string; reason: string }
  | { kind: 'hour-refused'; alert: true; hour: string; reason: string }
  | { kind: 'hour-kept'; alert: true; hour: string; reason: string }
  | { kind: 'hour-changed'; hour: string };

export interface SettleDeps {
  athena: Athena;
  state: SettleState;
  lake: Lake;
  files: SettledFiles;
  partitions: Partitions;
  rollups: SettledRollups;
  /** The lake's bucket. */
  bucket: string;
  /** What queues and counters say of an hour. */
  backlog: (hour: UtcHour) => Promise<Backlog>;
  /** Counted events of an hour as the hot counters have them; undefined where they are gone. */
  hotCounted: (hour: UtcHour) => Promise<number | undefined>;
  /** IANA zones of the pages, each once. */
  zones: () => Promise<string[]>;
  /** Seconds within which a second event with the same repeat key is a duplicate, by whether the port was known. */
  windows: { known: number; unknown: number };
  now: () => number;
  random: (bytes: number) => Uint8Array;
  report: (event: SettleEvent) => void;
}
