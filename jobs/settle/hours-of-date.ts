import { after, before, endOf, hourName, parseHourName, startOf, type UtcHour } from '#core/settle/hours.ts';
import { type HourOutcome, type HourUnit, settleHour } from './settle-hour.ts';
import { createStep, type Step, type Visit } from './visit.ts';

/** Settles the hours of one UTC date in order: each needs the tail of the one before. */
export function settleHoursOf(dt: string): Step {
  return createStep({
    units: (visit) => listHours(visit, dt),
    counts: 'hours',
    run: async (visit, unit) => {
      await settleOne(visit, unit);
    },
  });
}

/** Settles the hours after a date, as long as the tail of the one before has changed. */
export function settleHoursAfter(dt: string): Step {
  return createStep({
    units: (visit) => findHourAfter(visit, { dt, hr: '23' }),
    counts: 'hours',
    run: async (visit, unit) => {
      const outcome = await settleOne(visit, unit);
      return outcome.kind === 'settled' ? findHourAfter(visit, unit.hour) : [];
    },
  });
}

async function listHours(visit: Visit, dt: string): Promise<HourUnit[]> {
  const { deps, since, closedThrough, marked, reclassify, records } = visit;
  const raw = await deps.files.rawOfDate(dt);
  const recorded = await deps.state.hoursOfDate(dt);
  const previous = await deps.state.hour(before({ dt, hr: '00' }));
  for (const record of previous ? [previous, ...recorded] : recorded) records.set(hourName(record), record);
  const markedHours = [...marked.keys()].map(parseHourName).filter((hour) => hour.dt === dt);
  return [...new Set([...raw.keys(), ...[...recorded, ...markedHours].map(({ hr }) => hr)])]
    .toSorted()
    .map((hr): UtcHour => ({ dt, hr }))
    .filter((hour) => startOf(hour) >= since && endOf(hour) <= closedThrough)
    .map((hour) => ({
      hour,
      files: raw.get(hour.hr) ?? [],
      mark: marked.get(hourName(hour)),
      reclassify: reclassify.get(hourName(hour)),
    }));
}

async function findHourAfter({ deps, closedThrough, records }: Visit, hour: UtcHour): Promise<HourUnit[]> {
  const next = after(hour);
  if (endOf(next) > closedThrough) return [];
  const record = await deps.state.hour(next);
  if (!record) return [];
  records.set(hourName(next), record);
  return [{ hour: next, files: await deps.lake.listRawHour(next), mark: undefined, reclassify: undefined }];
}

async function settleOne(visit: Visit, unit: HourUnit): Promise<HourOutcome> {
  const outcome = await settleHour(visit, unit);
  const name = hourName(unit.hour);
  note(visit, name, outcome);
  if (outcome.kind !== 'clean' && outcome.kind !== 'settled') return outcome;
  if (unit.reclassify !== undefined) await visit.deps.state.unmarkReclassified(name, unit.reclassify);
  if (unit.mark !== undefined) await visit.deps.state.unmark(name, unit.mark);
  return outcome;
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
