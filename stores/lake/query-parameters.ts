import { z } from 'zod';
import { type Filter, filterOperators } from '#schemas/api/filters.ts';
import { type Dimension, dimensionNames, dimensions } from '#schemas/dimensions.ts';

/** The text that replaces a placeholder, and the SQL literals for its question marks. */
export interface Bound {
  sql: string;
  literals: string[];
}

export type ParameterKind = 'text' | 'date' | 'whole' | 'instant' | 'lines' | 'members' | 'filters' | 'measures';

/** A kind of parameter: its allowed values, and how they are bound. */
export interface Parameter<T> {
  readonly kind: ParameterKind;
  schema: z.ZodType<T>;
  // Methods are bivariant, so a record can hold parameters of several types. `schema` has parsed the value.
  /** Renders the value as escaped SQL literals, for the text of the query. */
  render(value: T): string;
  /** Binds the value to question marks, for the WHERE clause. */
  bind(value: T): Bound;
}

/** Athena's limit for one parameter, in characters. */
const longest = 1024;

const string = z.string().refine((value) => !value.includes('\0'), 'must not contain NUL');
const shortString = string.refine(fits, `must fit into ${longest} characters`);
const item = string
  .refine((value) => !value.includes('\n') && value.length > 0, 'must be one line')
  .refine((value) => fits(`${value}\n`), `must fit into ${longest} characters`);

export const parameter = {
  text: single('text', shortString, literalOf),
  /** `2026-11-22` */
  date: single('date', z.iso.date(), literalOf),
  whole: single('whole', z.int(), String),
  /** Milliseconds since the epoch. */
  instant: single('instant', z.int().min(0), timestamp),
  /** For `split(:list, chr(10))`: any number of lines, bound as several strings. */
  lines: {
    kind: 'lines',
    schema: z.array(item),
    render: (items) => literalOf(items.join('\n')),
    bind: (items) => {
      const literals = pack(items);
      return { sql: literals.length === 1 ? '?' : `(${literals.map(() => '?').join(' || ')})`, literals };
    },
  } satisfies Parameter<string[]>,
  /** For `IN (:members)`: one parameter each. An empty list becomes an empty string, which we never store. */
  members: {
    kind: 'members',
    schema: z.array(shortString),
    render: (items) => listMembers(items).join(', '),
    bind: (items) => {
      const literals = listMembers(items);
      return { sql: literals.map(() => '?').join(', '), literals };
    },
  } satisfies Parameter<string[]>,
  /** A condition that holds for the events that match every filter. */
  filters: {
    kind: 'filters',
    schema: z.array(
      z.object({
        dimension: z.enum(dimensionNames),
        operator: z.enum(filterOperators),
        values: z.array(shortString).min(1),
      }),
    ),
    render: (filters) => matchAll(filters, literalOf),
    bind: (filters) => {
      const literals: string[] = [];
      const sql = matchAll(filters, (value) => {
        literals.push(literalOf(value));
        return '?';
      });
      return { sql, literals };
    },
  } satisfies Parameter<Filter[]>,
} as const;

/** Creates a parameter of one literal. */
function single<T>(kind: ParameterKind, schema: z.ZodType<T>, render: (value: T) => string): Parameter<T> {
  return { kind, schema, render, bind: (value) => ({ sql: '?', literals: [render(value)] }) };
}

function fits(value: string): boolean {
  return literalOf(value).length <= longest;
}

export function literalOf(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function listMembers(items: readonly string[]): string[] {
  return (items.length === 0 ? [''] : items).map(literalOf);
}

/** @param put returns the SQL that stands for a value */
function matchAll(filters: readonly Filter[], put: (value: string) => string): string {
  return filters.length === 0 ? 'TRUE' : filters.map((filter) => `(${match(filter, put)})`).join(' AND ');
}

function match({ dimension, operator, values: given }: Filter, put: (value: string) => string): string {
  const { column, alsoMatches = [], normalize = String }: Dimension = dimensions[dimension];
  const values = given.map((value) => normalize(value));
  function isOneOf(): string {
    // An event without a value matches the empty one.
    return [`coalesce(${column}, '')`, ...alsoMatches]
      .map((value) => `${value} IN (${values.map(put).join(', ')})`)
      .join(' OR ');
  }
  switch (operator) {
    case 'is':
      return isOneOf();
    case 'is-not':
      return `NOT coalesce(${isOneOf()}, FALSE)`;
    case 'contains':
      return [column, ...alsoMatches]
        .flatMap((value) => values.map((part) => `strpos(lower(${value}), ${put(part.toLowerCase())}) > 0`))
        .join(' OR ');
    default:
      return operator satisfies never;
  }
}

function timestamp(epoch: number): string {
  const at = new Date(epoch);
  const day = `${pad(at.getUTCFullYear(), 4)}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;
  const time = `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`;
  return `TIMESTAMP '${day} ${time}.${pad(at.getUTCMilliseconds(), 3)}'`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

/** Joins items with newlines and splits them, between items, into strings that fit into one parameter each. */
function pack(items: readonly string[]): string[] {
  const packed: string[] = [];
  let current = '';
  items.forEach((item, at) => {
    const next = at === items.length - 1 ? item : `${item}\n`;
    if (current !== '' && literalOf(current + next).length > longest) {
      packed.push(current);
      current = '';
    }
    current += next;
  });
  return [...packed, current].map(literalOf);
}
