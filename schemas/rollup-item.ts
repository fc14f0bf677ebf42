import type { Outcome } from './event.ts';

/**
 * Items of the `rollups` table. `pk` names the entity, `sk` the time:
 * `h#2026-11-22T07+01:00` flat numbers of a local hour, for `ADD`.
 * `q#2026-11-22T07+01:00` requests that the edge logged for it, by log window (`20261122T0715`); set, not added. Apart
 *   from the counters: a month of them is read without a month of counters, and an `ADD` to a small item costs less.
 *
 * Attribute names, all numbers:
 *   views, clicks, customs        counted events by type
 *   x.<outcome>                   events not counted, by outcome (and failed ones)
 *   c.US d.mobile …               counted clicks by value of each dimension that has a counter
 *   vc.US vd.mobile …             counted views likewise
 *   m.05 vm.05                    clicks and views of minute 05, pages only
 */
export const entityKeys = {
  page: (path: string) => `page#${path}`,
  link: (code: string) => `link#${code}`,
  campaign: (id: string) => `campaign#${id}`,
  /** Every event of the stack, by UTC hour: what `lost` is evaluated by. */
  stack: 'stack#',
} as const;

/** Numbers to ADD to one item. */
export interface ItemDelta {
  pk: string;
  sk: string;
  add: Record<string, number>;
}

/** Seconds since the epoch after which an item may be deleted: the TTL attribute of `rollups` and `cache`. */
export const expiryAttribute = 'expires';

/** Map of settled numbers on an hourly item, by the same attribute names; readers prefer it to the hot numbers. */
export const finalAttribute = 'final';

/** How far each job has come, and what each receipts window held. `at` of a `through` item is an ISO instant. */
export const progressKeys = {
  received: { pk: 'receipts#', sk: 'through' },
  receiptsWindow: (window: string) => ({ pk: 'receipts#', sk: `w#${window}` }),
  settled: { pk: 'settle#', sk: 'through' },
} as const;

export function hourKey(localHour: string): string {
  return `h#${localHour}`;
}

export function receivedKey(localHour: string): string {
  return `q#${localHour}`;
}

export function outcomeAttribute(outcome: Exclude<Outcome, 'counted'>): string {
  return `x.${outcome}`;
}

/** Marker of a chunk of a raw file, and its key. A retry subtracts the items that it lists. */
export function markerKey(rawKey: string, chunk: number) {
  return {
    pk: `file#${rawKey}`,
    sk: `c#${String(chunk).padStart(5, '0')}`,
  };
}
