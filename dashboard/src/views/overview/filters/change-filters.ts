import { type Filter, filterParameter } from '#schemas/api/filters.ts';
import type { DimensionName } from '#schemas/dimensions.ts';
import type { QueryChanges } from '../../../router/location.ts';

/** Returns whether rows with the value are what the view is filtered by. */
export function isPicked(filters: readonly Filter[], dimension: DimensionName, value: string): boolean {
  return filters.some((filter) => isKind(filter, dimension) && filter.values.includes(value));
}

function isKind({ dimension, operator }: Filter, of: DimensionName): boolean {
  return dimension === of && operator === 'is';
}

/** Adds a value to the filter of its dimension, or takes it out. */
export function toggleValue(filters: readonly Filter[], dimension: DimensionName, value: string): Filter[] {
  const present = filters.find((filter) => isKind(filter, dimension));
  if (!present) return [...filters, { dimension, operator: 'is', values: [value] }];
  const values = present.values.includes(value)
    ? present.values.filter((each) => each !== value)
    : [...present.values, value];
  return replaceFilter(filters, present, { ...present, values });
}

/** Replaces a filter, or adds one; one without values is removed. One of the same kind takes up the values. */
export function replaceFilter(filters: readonly Filter[], old: Filter | undefined, next: Filter): Filter[] {
  const others = filters.filter((each) => each !== old);
  if (next.values.length === 0) return others;
  const same = others.find((each) => filterParameter(each) === filterParameter(next));
  const merged = { ...next, values: [...new Set([...(same?.values ?? []), ...next.values])] };
  return [...others.filter((each) => each !== same), merged];
}

/** Returns the changes of the query string from some filters to others. */
export function toChanges(before: readonly Filter[], next: readonly Filter[]): QueryChanges {
  return Object.fromEntries([
    ...before.map((filter) => [filterParameter(filter), null] as const),
    ...next.map((filter) => [filterParameter(filter), filter.values] as const),
  ]);
}

/** Returns whether two lists of filters match the same events, whatever their order. */
export function isSame(a: readonly Filter[], b: readonly Filter[]): boolean {
  return toKey(a) === toKey(b);
}

function toKey(filters: readonly Filter[]): string {
  return JSON.stringify(
    filters.map((filter) => [filterParameter(filter), filter.values.toSorted()] as const).toSorted(byParameter),
  );
}

function byParameter([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
