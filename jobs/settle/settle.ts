import { graceThrough, mayClose } from '#core/settle/closing.ts';
import {
  after,
  endOf,
  endOfLocalDate,
  hourAt,
  hourName,
  hourNamed,
  millisecondsOfHour,
  shiftDate,
  startOf,
  type UtcHour,
} from '#core/settle/hours.ts';
import { createRunIds } from '#core/settle/run-id.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import type { RawFile } from '#stores/lake/lake.ts';
import { hoursRuled } from '#stores/lake/lake-queries.ts';
import type { SettleDeps } from './deps.ts';
import { createColumnReader } from './column-reader.ts';
import { settleDate, settleTraffic } from './local-dates.ts';
import { type HourContext, type HourOutcome, settleHour } from './settle-hour.ts';
import { settleItems } from './final-counters.ts';

export interface SettleRequest {
  /** "Now", milliseconds since the epoch. */
  time: number;
  /** Settle everything up to here, however old: `hopcount settle --through`. Whole hours; never beyond what may close. */
  through?: number;
  /** Milliseconds since the epoch at which to stop beginning new dates. @default - never */
  deadline?: number;
}

export interface SettleSummary {
  /** Busy: another settle holds the lease, and nothing was done. */
  state: 'done' | 'unfinished' | 'busy';
  /** Milliseconds since the epoch up to which every hour is settled; undefined before the first. */
  through: number | undefined;
  settled: string[];
  refused: { hour: string; reason: string }[];
  /** Messages still on their way; what they hold settles later. */
  waiting: number;
  /** Files without which hours settled. */
  unreadable: number;
}

/** Longer than one hour takes; renewed before each. A settle that died holds the others up for so long. */
const leaseMilliseconds = 15 * 60_000;

/**
 * Settles every closed hour whose run does not say the truth, and what follows from it. May be interrupted anywhere
 * and run again, or be started twice at once: it ends in the same state.
 * @throws {StoreUnavailable} {LeaseLost}
 */
export async function settle(deps: SettleDeps, request: SettleRequest): Promise<SettleSummary> {
  const owner = createRunIds(deps)();
  if (!(await deps.state.acquire(owner, leaseMilliseconds)))
    return { state: 'busy', through: await deps.state.through(), settled: [], refused: [], waiting: 0, unreadable: 0 };
  try {
    return await run(deps, request, owner);
  } finally {
    await deps.state.release(owner);
  }
}

interface Visit {
  request: SettleRequest;
  through: number;
  context: HourContext;
  zones: string[];
  owner: string;
  summary: SettleSummary;
}

async function run(deps: SettleDeps, request: SettleRequest, owner: string): Promise<SettleSummary> {
  const { through, waiting } = await closeThrough(deps, request);
  await applyRules(deps, through);
  await confirmRules(deps);
  const context: HourContext = {
    reader: createColumnReader(deps),
    nextRun: createRunIds(deps),
    tombstones: await deps.state.tombstones(),
    rules: await deps.state.rules(),
  };
  const zones = [...new Set(['UTC', ...(await deps.zones())])].toSorted();
  const summary: SettleSummary = { state: 'done', through, settled: [], refused: [], waiting, unreadable: 0 };
  const visit: Visit = { request, through, context, zones, owner, summary };
  for (const dt of await datesToVisit(deps, request, through)) {
    if (request.deadline !== undefined && deps.now() >= request.deadline) {
      summary.state = 'unfinished';
      break;
    }
    await visitDate(deps, visit, dt);
  }
  await finishHours(deps, visit);
  await finishTraffic(deps, visit);
  await finishDates(deps, visit);
  await dropRemovedRules(deps);
  await moveThrough(deps, visit);
  return { ...summary, through: await deps.state.through() };
}

/** The hours' end up to which everything may close now. */
async function closeThrough(deps: SettleDeps, { time, through }: SettleRequest) {
  const latest = Math.min(graceThrough(time), through === undefined ? Number.POSITIVE_INFINITY : hourFloor(through));
  let waiting = 0;
  const present = (await deps.state.through()) ?? 0;
  const first = Math.max(present, latest - 6 * millisecondsOfHour);
  for (let start = first; start < latest; start += millisecondsOfHour) {
    const hour = hourAt(start);
    const backlog = await deps.backlog(hour);
    waiting = backlog.waiting;
    if (!mayClose(endOf(hour), time, backlog)) return { through: start, waiting };
  }
  return { through: latest, waiting };
}

function hourFloor(epochMs: number): number {
  return Math.floor(epochMs / millisecondsOfHour) * millisecondsOfHour;
}

/** Rules made or taken back since the last settle: the hours they touch must settle again. */
async function applyRules(deps: SettleDeps, through: number): Promise<void> {
  const rules = await deps.state.rules();
  const changed = rules.filter(({ state }) => state !== 'applied');
  if (changed.length === 0) return;
  const [first] = await deps.files.folders(settledTables.events.prefix);
  if (first !== undefined)
    for (const rule of changed) {
      const { rows } = await deps.athena.rows(hoursRuled, {
        from_dt: first.slice('dt='.length),
        to_dt: hourAt(through).dt,
        rule: rule.id,
        page: rule.page ?? '',
        field: rule.field,
        wanted: rule.value,
      });
      await deps.state.addWork('forced', rows.map(hourName));
    }
}

/** After the hours are marked: a crash before this only marks them again. */
async function confirmRules(deps: SettleDeps): Promise<void> {
  for (const rule of await deps.state.rules())
    if (rule.state === 'pending') await deps.state.putRule({ ...rule, state: 'applied' });
}

/** UTC dates whose listing the hourly run looks at. */
const recentDays = 3;

/** Once a day it looks as far back as raw files live, and a day more. */
const oldestDays = 36;

const dailyHour = 3;

/** UTC dates to look at, oldest first. */
async function datesToVisit(deps: SettleDeps, request: SettleRequest, through: number): Promise<string[]> {
  const last = hourAt(through - 1).dt;
  const { forced, hours } = await deps.state.work();
  const begun = [...forced, ...hours].map(({ dt }) => dt);
  const raw = await deps.files.rawDates();
  const days = hourAt(request.time).hr === String(dailyHour).padStart(2, '0') ? oldestDays : recentDays;
  const oldest =
    request.through === undefined && (await deps.state.through()) !== undefined ? shiftDate(last, -days) : '';
  return [...new Set([...begun, ...raw.filter((dt) => dt >= oldest)])].filter((dt) => dt <= last).toSorted();
}

async function visitDate(deps: SettleDeps, visit: Visit, dt: string): Promise<void> {
  await settleHours(deps, visit, dt);
  await settleFollowers(deps, visit, dt);
  await finishHours(deps, visit);
  await finishTraffic(deps, visit);
  visit.context.reader.forget();
}

/** Settles the hours of one UTC date in order: each needs the tail of the one before. */
async function settleHours(deps: SettleDeps, visit: Visit, dt: string): Promise<void> {
  const raw = await deps.files.rawOfDate(dt);
  const recorded = (await deps.state.hoursOfDate(dt)).map(({ hr }) => hr);
  const marked = (await deps.state.work()).forced.filter((hour) => hour.dt === dt).map(({ hr }) => hr);
  const forced = new Set(marked);
  const hours = [...new Set([...raw.keys(), ...recorded, ...marked])].toSorted().map((hr): UtcHour => ({ dt, hr }));
  for (const hour of hours)
    if (endOf(hour) <= visit.through) await settleOne(deps, visit, hour, raw.get(hour.hr) ?? [], forced.has(hour.hr));
}

async function settleOne(
  deps: SettleDeps,
  visit: Visit,
  hour: UtcHour,
  files: readonly RawFile[],
  forced: boolean,
): Promise<HourOutcome> {
  await deps.state.renew(visit.owner, leaseMilliseconds);
  const outcome = await settleHour(deps, visit.context, hour, files, forced);
  note(deps, visit, hour, outcome);
  // A mark that this visit did not see stays: whoever made it since may have a tombstone that this one does not know.
  if (forced && (outcome.kind === 'clean' || outcome.kind === 'settled'))
    await deps.state.removeWork('forced', [hourName(hour)]);
  return outcome;
}

function note(deps: SettleDeps, visit: Visit, hour: UtcHour, outcome: HourOutcome): void {
  const name = hourName(hour);
  switch (outcome.kind) {
    case 'clean':
      return;
    case 'settled':
      visit.summary.settled.push(name);
      visit.summary.unreadable += outcome.record.unreadable.length;
      return;
    case 'refused':
      visit.summary.refused.push({ hour: name, reason: outcome.reason });
      deps.report({ kind: 'hour-refused', alert: true, hour: name, reason: outcome.reason });
      return;
    case 'changed':
      deps.report({ kind: 'hour-changed', hour: name });
      return;
    default:
      return outcome satisfies never;
  }
}

/** The last hour of a date may have made the next one dirty, and that one the next: as far as their tails differ. */
async function settleFollowers(deps: SettleDeps, visit: Visit, dt: string): Promise<void> {
  for (let hour = after({ dt, hr: '23' }); endOf(hour) <= visit.through; hour = after(hour)) {
    if (!(await deps.state.hour(hour))) return;
    const outcome = await settleOne(deps, visit, hour, await deps.lake.listRawHour(hour), false);
    if (outcome.kind !== 'settled') return;
  }
}

async function finishHours(deps: SettleDeps, visit: Visit): Promise<void> {
  const { hours } = await deps.state.work();
  for (const hour of hours) {
    await deps.state.renew(visit.owner, leaseMilliseconds);
    const record = await deps.state.hour(hour);
    const done =
      !record ||
      (await settleItems(
        deps,
        visit.context.reader,
        record,
        visit.context.nextRun,
        visit.through,
        visit.context.tombstones,
      ));
    if (done) await deps.state.removeWork('hours', [hourName(hour)]);
  }
}

async function finishTraffic(deps: SettleDeps, visit: Visit): Promise<void> {
  for (const dt of (await deps.state.work()).traffic) {
    await deps.state.renew(visit.owner, leaseMilliseconds);
    await settleTraffic(deps, dt, visit.context.nextRun(), visit.context.tombstones.length > 0);
    await deps.state.removeWork('traffic', [dt]);
  }
}

async function finishDates(deps: SettleDeps, visit: Visit): Promise<void> {
  const { context } = visit;
  const { dates, open } = await deps.state.work();
  for (const date of [...new Set([...dates, ...open])].toSorted()) {
    const ended = visit.zones.filter((zone) => endOfLocalDate(zone, date) <= visit.through);
    if (ended.length === 0) continue;
    const known = await deps.state.partition(settledTables.links.name, date);
    if (!dates.includes(date) && known && sameZones(known.zones, ended)) continue;
    await deps.state.renew(visit.owner, leaseMilliseconds);
    await settleDate(deps, context.reader, date, ended, context.nextRun, context.tombstones.length > 0);
    await (ended.length < visit.zones.length
      ? deps.state.addWork('open', [date])
      : deps.state.removeWork('open', [date]));
    await deps.state.removeWork('dates', [date]);
  }
}

function sameZones(a: readonly string[], b: readonly string[]): boolean {
  return a.join() === b.join();
}

async function dropRemovedRules(deps: SettleDeps): Promise<void> {
  const { forced } = await deps.state.work();
  if (forced.length > 0) return;
  for (const rule of await deps.state.rules()) if (rule.state === 'removed') await deps.state.deleteRule(rule.id);
}

/** Last of all, and not past an hour whose run was refused. */
async function moveThrough(deps: SettleDeps, { summary, through }: Visit): Promise<void> {
  if (summary.state === 'unfinished') return;
  const present = (await deps.state.through()) ?? 0;
  const stuck = summary.refused.map(({ hour }) => startOf(hourNamed(hour))).filter((start) => start >= present);
  const reached = Math.min(through, ...stuck);
  if (reached <= present) return;
  await deps.state.advance(reached);
  await deps.rollups.advance(reached);
}
