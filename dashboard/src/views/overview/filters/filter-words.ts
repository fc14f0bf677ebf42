import type { Filter, FilterOperator } from '#schemas/api/filters.ts';
import { dimensions } from '#schemas/dimensions.ts';
import { valueName } from '../../../format/names.ts';

/** `Country is Austria, Site is not news.example` */
export function describeFilters(filters: readonly Filter[]): string {
  return filters
    .map((filter) => `${dimensions[filter.dimension].label} ${operatorNames[filter.operator]} ${listValues(filter)}`)
    .join(', ');
}

export const operatorNames: Readonly<Record<FilterOperator, string>> = {
  is: 'is',
  'is-not': 'is not',
  contains: 'contains',
};

const shownValues = 2;

/** `Austria or Germany`, `Austria, Germany or 3 more` */
export function listValues({ dimension, operator, values }: Filter): string {
  const names = values.map((value) => (operator === 'contains' ? `“${value}”` : valueName(dimension, value)));
  if (names.length <= shownValues) return names.join(' or ');
  return `${names.slice(0, shownValues).join(', ')} or ${names.length - shownValues} more`;
}
