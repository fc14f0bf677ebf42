import { type ItemDelta, hourKey } from '#schemas/rollup-item.ts';
import { localHourBounds, startOf, straddles, type UtcHour, endOf } from './hours.ts';

/** Settled numbers of one hourly item; none where everything that hot counters saw is gone. */
export interface FinalCounters {
  pk: string;
  sk: string;
  final: Record<string, number>;
}

/** Sums of deltas by item. */
export function mergeDeltas(deltas: Iterable<ItemDelta>): Map<string, ItemDelta> {
  const merged = new Map<string, ItemDelta>();
  for (const { pk, sk, add } of deltas) {
    const key = itemKey({ pk, sk });
    const item = merged.get(key) ?? { pk, sk, add: {} };
    addInto(item.add, add);
    merged.set(key, item);
  }
  return merged;
}

function itemKey({ pk, sk }: { pk: string; sk: string }): string {
  return `${pk}\n${sk}`;
}

function addInto(sums: Record<string, number>, add: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(add)) sums[name] = (sums[name] ?? 0) + value;
}

/** True when one of the items' hours lies in two UTC hours. */
export function needsNeighbors(items: Iterable<{ sk: string }>): boolean {
  for (const { sk } of items) if (straddles(parseLocalHour(sk))) return true;
  return false;
}

/** `2026-11-22T07+01:00` of an hourly item's key. */
export function parseLocalHour(sk: string): string {
  return sk.slice(hourKey('').length);
}

/**
 * The settled numbers of every item that an hour touches.
 * @param touched items that hot counters or an earlier run know of; those without settled events become zeros
 * @param settled deltas of the present runs of the hour and, where an item lies in two, of its neighbours
 * @param through milliseconds since the epoch up to which hours are settled; items beyond are `open`
 */
export function buildFinalCounters(
  hour: UtcHour,
  touched: Iterable<{ pk: string; sk: string }>,
  settled: ReadonlyMap<string, ItemDelta>,
  through: number,
): { finals: FinalCounters[]; open: number } {
  const finals: FinalCounters[] = [];
  let open = 0;
  for (const { pk, sk } of touched) {
    if (!overlaps(sk, hour)) continue;
    if (isComplete(sk, through))
      finals.push({ pk, sk, final: withoutMinutes(settled.get(itemKey({ pk, sk }))?.add ?? {}) });
    else open++;
  }
  return { finals, open };
}

function overlaps(sk: string, hour: UtcHour): boolean {
  const bounds = localHourBounds(parseLocalHour(sk));
  return bounds !== undefined && bounds.start < endOf(hour) && bounds.end > startOf(hour);
}

function isComplete(sk: string, through: number): boolean {
  return (localHourBounds(parseLocalHour(sk))?.end ?? Number.POSITIVE_INFINITY) <= through;
}

/** Counters of minutes are for the last half hour: settled, they would be half of every item. */
const minutePattern = /^v?m\.\d{2}$/;

export function withoutMinutes(numbers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).filter(([name]) => !minutePattern.test(name)));
}

/** Sums of the hourly items of one local date by entity. */
export function sumLocalDate(deltas: Iterable<ItemDelta>, date: string): Map<string, Record<string, number>> {
  const days = new Map<string, Record<string, number>>();
  const prefix = hourKey(`${date}T`);
  for (const { pk, sk, add } of deltas) {
    if (!sk.startsWith(prefix)) continue;
    const day = days.get(pk) ?? {};
    addInto(day, withoutMinutes(add));
    days.set(pk, day);
  }
  return days;
}
