import { once } from '#core/once.ts';
import { createRunIds } from '#core/settle/run-id.ts';
import { leaseMargin, limitQueries, OutOfTime, queryMilliseconds } from './budget.ts';
import type { SettleDeps } from './deps.ts';
import { writeFinalCounters } from './final-counters.ts';
import { settleLocalDates } from './local-dates.ts';
import { fillMetrics, settleMetrics } from './metrics/settle-metrics.ts';
import { divideImported, openVisit, widenVisit } from './open-visit.ts';
import { createProgressReport } from './progress.ts';
import { finishRules } from './rules.ts';
import { settleHoursOf } from './settle-hours.ts';
import { rebuildTraffic } from './views.ts';
import type { SettleSummary } from '#schemas/lake-jobs.ts';
import { emptySummary, type SettleRequest, type Step, type Visit } from './visit.ts';
import { moveWatermark } from './watermark.ts';

/**
 * The order of work, in three passes. The first settles the hours since the watermark and moves it, so that nothing that
 * one tenant does to the past keeps the others waiting. The second takes marked hours, however old: those to settle again,
 * and those with files that may be new. The third takes dates with imported events, last because a history may be long. A step
 * lists its units once and does them one by one. A unit leaves its work list when it is done, so after a crash at any point
 * the next settle finds what is left.
 *
 * | step               | unit       | listed from                                 | may assume                              |
 * | ------------------ | ---------- | ------------------------------------------- | --------------------------------------- |
 * | settleHoursOf      | UTC hour   | raw files since the watermark; marks        | the hour before is settled              |
 * | writeFinalCounters | UTC hour   | `hours`: committed, counters not final      | closed hours next to it are settled     |
 * | rebuildTraffic     | UTC date   | `traffic`: view older than its hours        | its closed hours are settled            |
 * | settleLocalDates   | local date | `dates`: older than its hours; `open`: has not ended in every zone | its closed hours are settled |
 * | moveWatermark      | time       | end of the closed hours                     | every closed hour is settled or refused |
 * | settleMetrics      | local dates | `metrics`: their items are newer            | the dates are settled                   |
 * | finishRules        | rule       | rules whose hours were marked               | marked hours that are done left `forced` |
 * | fillMetrics        | page, dates | metrics that were changed                  | nothing                                 |
 */
const newHours = {
  eachDate: (dt: string): Step[] => [settleHoursOf(dt), writeFinalCounters, rebuildTraffic],
  // The first two do what an interrupted settle left of dates that are not visited now.
  last: [writeFinalCounters, rebuildTraffic, settleLocalDates, moveWatermark, settleMetrics],
};
const past = {
  // Before a date: a visit may have no time left after it.
  eachDate: (dt: string): Step[] => [finishRules, ...newHours.eachDate(dt)],
  last: [writeFinalCounters, rebuildTraffic, settleLocalDates, finishRules, settleMetrics, fillMetrics],
};

/** Imported events have no hourly counters, and are in no traffic that detection looks at. */
const imported = {
  eachDate: (dt: string): Step[] => [settleHoursOf(dt), writeFinalCounters],
  last: [settleLocalDates, settleMetrics],
};

/** Between two queries. A settle that died blocks the next for this long. */
const leaseMilliseconds = queryMilliseconds + leaseMargin;

/**
 * Settles every closed hour whose run is outdated, and everything that is derived from it. May be interrupted anywhere
 * and run again, or started twice at once: the final state is the same.
 * @throws {StoreUnavailable} {LeaseLost}
 */
export async function settle(deps: SettleDeps, request: SettleRequest): Promise<SettleSummary> {
  const nextRun = createRunIds(deps);
  const owner = nextRun();
  if (!(await deps.state.acquire(owner, leaseMilliseconds))) return emptySummary('busy', await deps.state.watermark());
  function renewLease(milliseconds = leaseMilliseconds) {
    return deps.state.renew(owner, milliseconds);
  }
  const progress = createProgressReport(deps.now, deps.rollups.putProgress);
  const limited = {
    ...deps,
    athena: limitQueries({ athena: deps.athena, now: deps.now, request, renewLease }),
    metrics: once(deps.metrics),
  };
  try {
    const summary = await visitDates(limited, request, { nextRun, renewLease, progress });
    await progress.end();
    return summary;
  } finally {
    await deps.state.release(owner);
  }
}

async function visitDates(
  deps: SettleDeps,
  request: SettleRequest,
  tools: Pick<Visit, 'nextRun' | 'renewLease' | 'progress'>,
): Promise<SettleSummary> {
  let summary: SettleSummary | undefined;
  try {
    const visit = await openVisit(deps, request, tools);
    summary = visit.summary;
    await takeSteps(visit, newHours);
    if (isUnfinished(summary)) return summary;
    const wide = await widenVisit(visit);
    await takeSteps(wide.past, past);
    for (const batch of divideImported(wide.past, wide.imported))
      if (!isUnfinished(summary)) await takeSteps(batch, imported);
    return summary;
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    return { ...(summary ?? emptySummary('unfinished', await deps.state.watermark())), state: 'unfinished' };
  }
}

/** A function, because the steps change the summary. */
function isUnfinished({ state }: SettleSummary): boolean {
  return state === 'unfinished';
}

async function takeSteps(visit: Visit, { eachDate, last }: typeof newHours): Promise<void> {
  await visit.progress.expect('hours', visit.hours.length);
  for (const dt of new Set(visit.hours.map((hour) => hour.dt))) {
    for (const step of eachDate(dt)) await step(visit);
    if (visit.summary.state === 'unfinished') return;
    visit.reader.forget();
    visit.records.clear();
  }
  for (const step of last) await step(visit);
}
