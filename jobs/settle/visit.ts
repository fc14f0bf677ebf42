import type { UtcHour } from '#core/settle/hours.ts';
import type { SettleProgress, SettleSummary } from '#schemas/lake-jobs.ts';
import type { HourRecord, RuleRecord, Tombstone } from '#stores/settle/settle-state.ts';
import type { ColumnReader } from './column-reader.ts';
import type { SettleDeps } from './deps.ts';
import type { ProgressReport } from './progress.ts';

export interface SettleRequest {
  /** "Now", milliseconds since the epoch. */
  time: number;
  /** Settle everything up to here, however old: `hopcount settle --through`. Whole hours; never beyond what may close. */
  through?: number;
  /** Milliseconds since the epoch after which no unit of work is begun. @default - no deadline */
  deadline?: number;
  /** Milliseconds since the epoch at which a query that still runs is stopped. @default - no end */
  end?: number;
}

/** One execution of settle, with the state that it read when it began. Times are milliseconds since the epoch. */
export interface Visit {
  deps: SettleDeps;
  request: SettleRequest;
  /** The result so far. */
  summary: SettleSummary;
  progress: ProgressReport;
  reader: ColumnReader;
  /** Returns a ULID later than every one before it, and than `beyond`. */
  nextRun: (beyond?: string) => string;
  /** @throws {LeaseLost} */
  renewLease: () => Promise<void>;
  /** Up to here every hour was settled before this visit; undefined before the first. */
  watermark: number | undefined;
  /** End of the last hour that may close now. */
  closedThrough: number;
  /** Start of the first hour that this pass looks at. */
  since: number;
  /** IANA zones of the pages, and UTC. */
  zones: readonly string[];
  rules: readonly RuleRecord[];
  /** Hours to look at, by date. */
  hours: readonly UtcHour[];
  /** Marks of the hours to settle again, by name. Later marks stay: they may come with a tombstone that is not in ours. */
  marked: ReadonlyMap<string, string>;
  /** Marks of the hours whose referrers are classified again, by name. */
  reclassify: ReadonlyMap<string, string>;
  /** Marks of the hours with raw files that may be new, by name. */
  dirty: Map<string, string>;
  tombstones: readonly Tombstone[];
  /** Records of the hours of the present date, and of the ones before them, by name; undefined for one that has none. */
  records: Map<string, HourRecord | undefined>;
}

/** Part of a settle: lists units of work, and does them one by one. */
export type Step = (visit: Visit) => Promise<void>;

export interface StepDefinition<Unit> {
  /** Lists the units, once. */
  units: (visit: Visit) => Promise<readonly Unit[]>;
  /** What the progress of a settle counts. @default - its units are not counted */
  counts?: SettleProgress['unit'];
  /** Does one unit, and returns units that it made necessary and that come next. May be interrupted anywhere and run again. */
  run: (visit: Visit, unit: Unit) => Promise<readonly Unit[] | void>;
}

export function createStep<Unit>({ units, counts, run }: StepDefinition<Unit>): Step {
  return async (visit) => {
    const queue = [...(await units(visit))];
    if (counts === 'days') await visit.progress.expect(counts, queue.length);
    for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
      if (isOver(visit)) {
        visit.summary.state = 'unfinished';
        return;
      }
      await visit.renewLease();
      const more = (await run(visit, unit)) ?? [];
      queue.unshift(...more.filter((one) => !queue.includes(one)));
      visit.summary.units += 1;
      if (counts !== undefined) await visit.progress.finish(counts);
    }
  };
}

/** Returns the summary of a settle that has done nothing. @param through time up to which every hour is settled */
export function emptySummary(state: SettleSummary['state'], through: number | undefined): SettleSummary {
  return { state, through, settled: [], refused: [], units: 0, waiting: 0, unreadable: 0 };
}

function isOver({ deps, request }: Visit): boolean {
  return request.deadline !== undefined && deps.now() >= request.deadline;
}
