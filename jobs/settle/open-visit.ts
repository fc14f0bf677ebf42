import { addDays } from '#core/ledger/time-range.ts';
import { hourLength } from '#core/time.ts';
import { hasArrived, lastClosableEnd, longestBacklogHours } from '#core/settle/closing.ts';
import { hourAt } from '#core/settle/hours.ts';
import { maxRules } from '#schemas/lake-jobs.ts';
import type { Work } from '#stores/settle/settle-state.ts';
import { createColumnReader } from './column-reader.ts';
import type { SettleDeps } from './deps.ts';
import { markRuledHours } from './rules.ts';
import { emptySummary, type SettleRequest, type Visit } from './visit.ts';

/** Reads the state that a settle works from, each part once, for its first pass: the hours since the watermark. */
export async function openVisit(
  deps: SettleDeps,
  request: SettleRequest,
  tools: Pick<Visit, 'nextRun' | 'renewLease' | 'progress'>,
): Promise<Visit> {
  const watermark = await deps.state.watermark();
  const { closedThrough, waiting } = await closeHours(deps, request, watermark ?? 0);
  const since = watermark ?? 0;
  const first = hourAt(since).dt;
  return {
    deps,
    request,
    ...tools,
    summary: { ...emptySummary('done', watermark), waiting },
    reader: createColumnReader(deps),
    watermark,
    closedThrough,
    since,
    zones: [...new Set(['UTC', ...(await deps.zones())])].toSorted(),
    rules: await readRules(deps),
    dates: (await deps.files.rawDates()).filter((dt) => dt >= first && dt <= lastDate(closedThrough)).toSorted(),
    marked: new Map(),
    reclassify: new Map(),
    tombstones: await deps.state.tombstones(),
    records: new Map(),
  };
}

/** Returns the second pass of a visit: late events, and hours that are marked to settle again, however old. */
export async function widenVisit(visit: Visit): Promise<Visit> {
  const { deps } = visit;
  await markRuledHours(visit);
  const work = await deps.state.work();
  return {
    ...visit,
    since: 0,
    rules: await readRules(deps),
    dates: await listDates(visit, work),
    marked: work.marks,
    reclassify: work.reclassify,
    // After the marks: an erasure writes its tombstone first.
    tombstones: await deps.state.tombstones(),
  };
}

/** Requests at the same time may have stored more rules than a query can name. */
async function readRules({ state }: SettleDeps) {
  return (await state.rules()).slice(0, maxRules);
}

/**
 * Finds the end of the last hour that may close now: the newest whose events have arrived. The queues deliver roughly in
 * order, so what is missing from the hours before it is lost or will be late, and must not keep them open.
 */
async function closeHours(deps: SettleDeps, { time, through }: SettleRequest, watermark: number) {
  const last = Math.min(lastClosableEnd(time), through === undefined ? Number.POSITIVE_INFINITY : floorToHour(through));
  const first = Math.max(watermark, last - longestBacklogHours * hourLength);
  let waiting = 0;
  for (let end = last; end > first; end -= hourLength) {
    const backlog = await deps.backlog(hourAt(end - 1));
    waiting = backlog.waiting;
    if (hasArrived(backlog)) return { closedThrough: end, waiting };
  }
  return { closedThrough: Math.min(first, last), waiting };
}

function floorToHour(epochMs: number): number {
  return Math.floor(epochMs / hourLength) * hourLength;
}

/** Days whose raw files every settle lists. */
const recentDays = 3;

/** Days that it lists once a day: as long as raw files live, and a day more. */
const oldestDays = 36;

const dailyHour = '03';

/** Lists UTC dates with marked hours, then those with other unfinished work or raw files that may be new, oldest first. */
async function listDates({ deps, request, watermark, closedThrough }: Visit, work: Work): Promise<string[]> {
  const last = lastDate(closedThrough);
  const days = hourAt(request.time).hr === dailyHour ? oldestDays : recentDays;
  const everything = request.through !== undefined || watermark === undefined;
  const oldest = everything ? '' : addDays(last, -days);
  const raw = (await deps.files.rawDates()).filter((dt) => dt >= oldest);
  const others = [...work.hours.map(({ dt }) => dt), ...raw].toSorted();
  // A client with a key sends events of the last 30 days. They must not keep marked hours waiting.
  return [...new Set([...work.forced.map(({ dt }) => dt), ...others])].filter((dt) => dt <= last);
}

/** Returns the UTC date of the last hour that may close. */
function lastDate(closedThrough: number): string {
  return hourAt(closedThrough - 1).dt;
}
