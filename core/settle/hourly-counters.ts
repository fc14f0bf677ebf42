import { type EntityHour, entityHourKey } from '#schemas/counters.ts';
import type { HourDelta } from '../aggregate/count-events.ts';
import { withoutCells } from '../aggregate/link-cells.ts';
import { localHourBounds, startOf, straddles, type UtcHour, endOf } from './hours.ts';

/** Final counters of an entity's hour; empty if none of the events in its hot counters is left. */
export interface FinalCounters extends EntityHour {
  final: Record<string, number>;
}

/** Sums up deltas by item. */
export function mergeDeltas(deltas: Iterable<HourDelta>): Map<string, HourDelta> {
  const merged = new Map<string, HourDelta>();
  for (const { entity, hour, add } of deltas) {
    const key = entityHourKey({ entity, hour });
    const item = merged.get(key) ?? { entity, hour, add: {} };
    addInto(item.add, add);
    merged.set(key, item);
  }
  return merged;
}

function addInto(sums: Record<string, number>, add: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(add)) sums[name] = (sums[name] ?? 0) + value;
}

/** Returns true if one of the items lies in two UTC hours. */
export function needsNeighbors(items: Iterable<EntityHour>): boolean {
  for (const { hour } of items) if (straddles(hour)) return true;
  return false;
}

/**
 * Builds the final counters of every item that an hour touches.
 * @param touched items in the hot counters or in a run; those without settled events become zeros
 * @param settled deltas of the present runs of the hour and, for items that lie in two, of its neighbors
 * @param through end of the settled hours in milliseconds since the epoch; items that end later are `open`
 */
export function buildFinalCounters(
  utcHour: UtcHour,
  touched: Iterable<EntityHour>,
  settled: ReadonlyMap<string, HourDelta>,
  through: number,
): { finals: FinalCounters[]; open: number } {
  const finals: FinalCounters[] = [];
  let open = 0;
  for (const { entity, hour } of touched) {
    if (!overlaps(hour, utcHour)) continue;
    if (isComplete(hour, through))
      finals.push({ entity, hour, final: withoutMinutes(settled.get(entityHourKey({ entity, hour }))?.add ?? {}) });
    else open++;
  }
  return { finals, open };
}

function overlaps(localHour: string, utcHour: UtcHour): boolean {
  const bounds = localHourBounds(localHour);
  return bounds !== undefined && bounds.start < endOf(utcHour) && bounds.end > startOf(utcHour);
}

function isComplete(localHour: string, through: number): boolean {
  return (localHourBounds(localHour)?.end ?? Number.POSITIVE_INFINITY) <= through;
}

/** Counters per minute serve the last half hour. In final counters, they would be half of every item. */
const minutePattern = /^v?m\.\d{2}$/;

export function withoutMinutes(numbers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).filter(([name]) => !minutePattern.test(name)));
}

/** Sums up the hourly items of one local date by entity. */
export function sumLocalDate(deltas: Iterable<HourDelta>, date: string): Map<string, Record<string, number>> {
  const days = new Map<string, Record<string, number>>();
  for (const { entity, hour, add } of deltas) {
    if (!hour.startsWith(`${date}T`)) continue;
    const day = days.get(entity) ?? {};
    addInto(day, withoutCells(withoutMinutes(add)));
    days.set(entity, day);
  }
  return days;
}
