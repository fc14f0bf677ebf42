import type { Filter } from '#schemas/api/filters.ts';
import type { DimensionName } from '#schemas/dimensions.ts';
import { useSetQuery } from '../../../router/location.ts';
import { isPicked, toChanges, toggleValue } from './change-filters.ts';

/** Filters the view by a row, or takes the filter back. */
export interface PickRow {
  active: boolean;
  onPick: () => void;
}

export interface Filters {
  filters: readonly Filter[];
  set: (filters: readonly Filter[]) => void;
  pick: (dimension: DimensionName, value: string) => PickRow;
}

/** The filters of a view. They are part of its URL. */
export function useFilters(filters: readonly Filter[]): Filters {
  const change = useSetQuery();
  function set(next: readonly Filter[]): void {
    change(toChanges(filters, next));
  }
  return {
    filters,
    set,
    pick: (dimension, value) => ({
      active: isPicked(filters, dimension, value),
      onPick: () => set(toggleValue(filters, dimension, value)),
    }),
  };
}
