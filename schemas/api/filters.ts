import { z } from 'zod';
import { isOneLine, oneLine } from '../catalog.ts';
import { type DimensionName, dimensionNames, dimensions } from '../dimensions.ts';

/** Filters narrow stats, dashboards and ledgers to the events that match all of them. */

export const filterOperators = ['is', 'is-not', 'contains'] as const;
export type FilterOperator = (typeof filterOperators)[number];

/** Matches events with one of the values, with none of them, or with a value that contains one of them. */
export interface Filter {
  dimension: DimensionName;
  operator: FilterOperator;
  /** An empty one stands for the events without a value; `contains` takes none. */
  values: string[];
}

/** `characters` of all values together, because CloudFront takes URLs of 8,192 bytes. */
export const filterLimits = { filters: 10, values: 20, value: 253, characters: 2_000 } as const;

const suffixes = { is: '', 'is-not': '.not', contains: '.contains' } as const satisfies Record<FilterOperator, string>;
type FilterParameter = `${DimensionName}${(typeof suffixes)[FilterOperator]}`;

/** Returns the query parameter of a filter: `country`, `country.not` or `country.contains`. */
export function filterParameter({ dimension, operator }: Pick<Filter, 'dimension' | 'operator'>): FilterParameter {
  return `${dimension}${suffixes[operator]}`;
}

const kinds = dimensionNames.flatMap((dimension) => filterOperators.map((operator) => ({ dimension, operator })));

/** Reads the filters of a query. @param valuesOf returns the values of a parameter, in order */
export function readFilters(valuesOf: (parameter: FilterParameter) => readonly string[]): Filter[] {
  return kinds.flatMap((kind): Filter[] => {
    const values = [...new Set(valuesOf(filterParameter(kind)))];
    return values.length === 0 ? [] : [{ ...kind, values }];
  });
}

/** Returns what exceeds the limits of all filters together; undefined if nothing does. */
export function findExcess(filters: readonly Filter[]): { value: string; allowed: string } | undefined {
  const characters = filters.flatMap(({ values }) => values).join('').length;
  if (filters.length > filterLimits.filters)
    return { value: String(filters.length), allowed: `at most ${filterLimits.filters} filters` };
  if (characters > filterLimits.characters)
    return {
      value: `${characters} characters`,
      allowed: `values of at most ${filterLimits.characters} characters together`,
    };
  return undefined;
}

/** A filter in a body. */
export const filterSchema = z.strictObject({
  dimension: z.enum(dimensionNames),
  operator: z.enum(filterOperators),
  values: z.array(z.string().max(filterLimits.value).refine(isOneLine, oneLine)).min(1).max(filterLimits.values),
});

/** Filters that all must match. */
export const filterListSchema = z
  .array(filterSchema)
  .max(filterLimits.filters)
  .refine((filters) => new Set(filters.map(filterParameter)).size === filters.length, {
    error: 'a list with each dimension and operator once',
  })
  .refine((filters) => filters.every(({ operator, values }) => operator !== 'contains' || !values.includes('')), {
    error: 'a list in which `contains` has no empty value',
  })
  .superRefine((filters, context) => {
    const excess = findExcess(filters);
    if (excess) context.addIssue({ code: 'custom', message: excess.allowed });
  });

const meanings: Readonly<Record<FilterOperator, string>> = {
  is: 'is this value, or one of several; an empty one stands for the events without a value',
  'is-not': 'is none of these values',
  contains: 'contains this text, or one of several, in upper or lower case',
};

/** `?country=AT&country=DE&host.not=news.example&utm_campaign.contains=spring` */
export const filterQuery = Object.fromEntries(
  kinds.map((kind) => [filterParameter(kind), valuesSchema(kind)]),
  // Object.fromEntries forgets the names.
) as Record<FilterParameter, ReturnType<typeof valuesSchema>>;

/** A parameter may be repeated. */
function valuesSchema({ dimension, operator }: Pick<Filter, 'dimension' | 'operator'>) {
  const value = z
    .string()
    .min(operator === 'contains' ? 1 : 0)
    .max(filterLimits.value);
  return z
    .preprocess(
      (given) => (typeof given === 'string' ? [given] : given),
      z.array(value).min(1).max(filterLimits.values),
    )
    .optional()
    .meta({
      description: `${dimensions[dimension].label} ${meanings[operator]}. ${dimensions[dimension].description}`,
    });
}
