import { createRunIds } from '#core/settle/run-id.ts';
import type { SettleDeps } from './deps.ts';
import { writeFinalCounters } from './final-counters.ts';
import { settleHoursAfter, settleHoursOf } from './hours-of-date.ts';
import { settleLocalDates } from './local-dates.ts';
import { openVisit } from './open-visit.ts';
import { dropRemovedRules } from './rules.ts';
import { rebuildTraffic } from './views.ts';
import type { SettleSummary } from '#schemas/lake-jobs.ts';
import type { SettleRequest, Step, Visit } from './visit.ts';
import { moveWatermark } from './watermark.ts';

/**
 * The order of work, after `openVisit` has read the state and marked the hours of changed rules. A step lists its units
 * once and does them one by one. A unit leaves its work list when it is done, so after a crash at any point the next
 * settle finds what is left.
 *
 * | step               | unit       | listed from                                 | may assume                              |
 * | ------------------ | ---------- | ------------------------------------------- | --------------------------------------- |
 * | settleHoursOf      | UTC hour   | raw files, hour records, `forced`           | the hour before is settled              |
 * | settleHoursAfter   | UTC hour   | hour records, as long as tails change       | the hour before is settled              |
 * | writeFinalCounters | UTC hour   | `hours`: committed, counters not final      | closed hours next to it are settled     |
 * | rebuildTraffic     | UTC date   | `traffic`: view older than its hours        | its closed hours are settled            |
 * | settleLocalDates   | local date | `dates`: older than its hours; `open`: has not ended in every zone | every closed hour is settled |
 * | dropRemovedRules   | rule       | rules that were removed when we began       | hours that they changed are settled     |
 * | moveWatermark      | time       | end of the closed hours                     | every closed hour is settled or refused |
 */
const order = {
  eachDate: (dt: string): Step[] => [settleHoursOf(dt), settleHoursAfter(dt), writeFinalCounters, rebuildTraffic],
  // The first two do what an interrupted settle left of dates that are not visited now.
  last: [writeFinalCounters, rebuildTraffic, settleLocalDates, dropRemovedRules, moveWatermark],
};

/** One hour takes less. A settle that died blocks the next for this long. */
const leaseMilliseconds = 15 * 60_000;

/**
 * Settles every closed hour whose run is outdated, and everything that is derived from it. May be interrupted anywhere
 * and run again, or started twice at once: the final state is the same.
 * @throws {StoreUnavailable} {LeaseLost}
 */
export async function settle(deps: SettleDeps, request: SettleRequest): Promise<SettleSummary> {
  const nextRun = createRunIds(deps);
  const owner = nextRun();
  if (!(await deps.state.acquire(owner, leaseMilliseconds)))
    return {
      state: 'busy',
      through: await deps.state.watermark(),
      settled: [],
      refused: [],
      waiting: 0,
      unreadable: 0,
    };
  try {
    return await visitDates(deps, request, { nextRun, renewLease: () => deps.state.renew(owner, leaseMilliseconds) });
  } finally {
    await deps.state.release(owner);
  }
}

async function visitDates(
  deps: SettleDeps,
  request: SettleRequest,
  lease: Pick<Visit, 'nextRun' | 'renewLease'>,
): Promise<SettleSummary> {
  const visit = await openVisit(deps, request, lease);
  for (const dt of visit.dates) {
    if (request.deadline !== undefined && deps.now() >= request.deadline) {
      visit.summary.state = 'unfinished';
      break;
    }
    for (const step of order.eachDate(dt)) await step(visit);
    visit.reader.forget();
    visit.records.clear();
  }
  for (const step of order.last) await step(visit);
  return visit.summary;
}
