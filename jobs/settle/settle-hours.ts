import { before, endOf, hourName, isImported, parseHourName, type UtcHour } from '#core/settle/hours.ts';
import type { HourRecord } from '#stores/settle/settle-state.ts';
import { type HourOutcome, type HourUnit, isAheadOfClock, settleHour } from './settle-hour.ts';
import { createStep, type Step, type Visit } from './visit.ts';

/**
 * Settles the hours of a visit that are on one UTC date, in order: each needs the tail of the one before. An hour whose
 * tail changes makes the next one dirty, as long as tails change.
 */
export function settleHoursOf(dt: string): Step {
  return createStep({
    units: async ({ hours }) => hours.filter((hour) => hour.dt === dt).map(hourName),
    counts: 'hours',
    run: async (visit, name) => {
      const outcome = await settleOne(visit, parseHourName(name));
      if (outcome.kind !== 'settled' || outcome.next === undefined) return [];
      const { hour, mark } = outcome.next;
      visit.dirty.set(hourName(hour), mark);
      return endOf(hour) <= visit.closedThrough ? [hourName(hour)] : [];
    },
  });
}

async function settleOne(visit: Visit, hour: UtcHour): Promise<HourOutcome> {
  const { deps, marked, reclassify, dirty } = visit;
  const name = hourName(hour);
  // After the marks: what made them is in the listing.
  const files = await deps.lake.listRawHour(hour);
  const unit: HourUnit = { hour, files, mark: marked.get(name), reclassify: reclassify.get(name) };
  const record = await readRecord(visit, hour);
  if ((record || files.length > 0) && !isImported(hour)) await readRecord(visit, before(hour));
  const outcome = await settleHour(visit, unit);
  note(visit, name, outcome);
  if (outcome.kind !== 'clean' && outcome.kind !== 'settled') return outcome;
  if (unit.reclassify !== undefined) await deps.state.unmarkReclassified(name, unit.reclassify);
  if (unit.mark !== undefined) await deps.state.unmark(name, unit.mark);
  const mark = dirty.get(name);
  if (mark !== undefined && !isAheadOfClock(deps, hour)) await deps.dirty.clear(name, mark);
  return outcome;
}

async function readRecord({ deps, records }: Visit, hour: UtcHour): Promise<HourRecord | undefined> {
  const name = hourName(hour);
  if (!records.has(name)) records.set(name, await deps.state.hour(hour));
  return records.get(name);
}

function note({ deps, summary }: Visit, hour: string, outcome: HourOutcome): void {
  switch (outcome.kind) {
    case 'clean':
      return;
    case 'settled':
      summary.settled.push(hour);
      summary.unreadable += outcome.record.unreadable.length;
      return;
    case 'refused':
      summary.refused.push({ hour, reason: outcome.reason });
      deps.report({ kind: 'hour-refused', alert: true, hour, reason: outcome.reason });
      return;
    case 'changed':
      deps.report({ kind: 'hour-changed', hour });
      return;
    default:
      return outcome satisfies never;
  }
}
