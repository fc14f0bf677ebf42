import { hourLength } from '#core/time.ts';
import { hasArrived, lastClosableEnd, longestBacklogHours } from '#core/settle/closing.ts';
import { endOf, hourAt, hourName, isImported, parseHourName, startOf, type UtcHour } from '#core/settle/hours.ts';
import { rawPrefix } from '#schemas/lake-keys.ts';
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
    hours: (await listRawHours(deps, since, closedThrough)).filter((hour) => !isImported(hour)),
    marked: new Map(),
    reclassify: new Map(),
    dirty: new Map(),
    tombstones: await deps.state.tombstones(),
    records: new Map(),
  };
}

/** Returns the second pass of a visit: hours that are marked, however old; and the marked dates with imported events, apart. */
export async function widenVisit(visit: Visit): Promise<{ past: Visit; imported: UtcHour[] }> {
  const { deps } = visit;
  await markRuledHours(visit);
  const work = await deps.state.work();
  const dirty = await deps.dirty.marks();
  const marked = await listMarkedHours(visit, work, dirty);
  const past = {
    ...visit,
    since: 0,
    rules: await readRules(deps),
    hours: marked.filter((hour) => !isImported(hour)),
    marked: work.marks,
    reclassify: work.reclassify,
    dirty,
    // After the marks: an erasure writes its tombstone first.
    tombstones: await deps.state.tombstones(),
  };
  return { past, imported: marked.filter(isImported) };
}

/** Returns the last pass of a visit: dates with imported events that are marked, the latest first, as batches. */
export function divideImported(visit: Visit, imported: readonly UtcHour[]): Visit[] {
  const hours = imported.toSorted((a, b) => (a.dt < b.dt ? 1 : -1));
  return Array.from({ length: Math.ceil(hours.length / importedAtOnce) }, (_, at) => ({
    ...visit,
    hours: hours.slice(at * importedAtOnce, (at + 1) * importedAtOnce),
  }));
}

/** Imported dates after which the local dates are settled: what is settled is soon seen, whenever the time is over. */
const importedAtOnce = 31;

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

/** Lists the hours of a time that have raw files, in order. */
async function listRawHours({ files }: SettleDeps, from: number, to: number): Promise<UtcHour[]> {
  const [first, last] = [hourAt(from).dt, hourAt(to).dt];
  const hours: UtcHour[] = [];
  for (const dt of await files.rawDates()) {
    if (dt < first || dt > last) continue;
    for (const name of await files.folders(`${rawPrefix}dt=${dt}/`)) hours.push({ dt, hr: name.slice('hr='.length) });
  }
  return hours.filter((hour) => startOf(hour) >= from && endOf(hour) <= to);
}

/**
 * Lists hours that are marked: first the dates with hours to settle again, because a client with a key sends events of the
 * last 30 days, which must not keep them waiting. `settle --through`, and the first settle, look at all raw files.
 */
async function listMarkedHours(
  { deps, request, watermark, closedThrough }: Visit,
  { forced }: Work,
  dirty: ReadonlyMap<string, string>,
): Promise<UtcHour[]> {
  const everything = request.through !== undefined || watermark === undefined;
  const names = new Set([...forced.map(hourName), ...dirty.keys()]);
  if (everything) for (const hour of await listRawHours(deps, 0, closedThrough)) names.add(hourName(hour));
  const closed = [...names]
    .toSorted()
    .map(parseHourName)
    .filter((hour) => endOf(hour) <= closedThrough);
  const first = new Set(forced.map(({ dt }) => dt));
  return [...closed.filter(({ dt }) => first.has(dt)), ...closed.filter(({ dt }) => !first.has(dt))];
}
