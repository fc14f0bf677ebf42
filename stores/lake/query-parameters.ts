import { z } from 'zod';

/** The text that replaces a placeholder, and the SQL literals for its question marks. */
export interface Bound {
  sql: string;
  literals: string[];
}

export type ParameterKind = 'text' | 'date' | 'whole' | 'instant' | 'lines' | 'members';

/** A kind of parameter: its allowed values, and how they are bound. */
export interface Parameter<T> {
  readonly kind: ParameterKind;
  schema: z.ZodType<T>;
  // A method is bivariant, so a record can hold parameters of several types. `schema` has parsed the value.
  bind(value: T): Bound;
}

/** Athena's limit for one parameter, in characters. */
const longest = 1024;

const item = z
  .string()
  .refine((value) => !value.includes('\n') && value.length > 0, 'must be one line')
  .refine((value) => fits(`${value}\n`), `must fit into ${longest} characters`);

export const parameter = {
  text: {
    kind: 'text',
    schema: z.string().refine(fits, `must fit into ${longest} characters`),
    bind: (value) => one(literalOf(value)),
  } satisfies Parameter<string>,
  /** `2026-11-22` */
  date: { kind: 'date', schema: z.iso.date(), bind: (value) => one(literalOf(value)) } satisfies Parameter<string>,
  whole: { kind: 'whole', schema: z.int(), bind: (value) => one(String(value)) } satisfies Parameter<number>,
  /** Milliseconds since the epoch. */
  instant: {
    kind: 'instant',
    schema: z.int().min(0),
    bind: (value) => one(timestamp(value)),
  } satisfies Parameter<number>,
  /** For `split(:list, chr(10))`: any number of lines, bound as several strings. */
  lines: {
    kind: 'lines',
    schema: z.array(item),
    bind: (items) => {
      const literals = pack(items);
      return { sql: literals.length === 1 ? '?' : `(${literals.map(() => '?').join(' || ')})`, literals };
    },
  } satisfies Parameter<string[]>,
  /** For `IN (:members)`: one parameter each. An empty list becomes an empty string, which we never store. */
  members: {
    kind: 'members',
    schema: z.array(z.string().refine(fits, `must fit into ${longest} characters`)),
    bind: (items) => {
      const literals = (items.length === 0 ? [''] : items).map(literalOf);
      return { sql: literals.map(() => '?').join(', '), literals };
    },
  } satisfies Parameter<string[]>,
} as const;

function fits(value: string): boolean {
  return literalOf(value).length <= longest;
}

function literalOf(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function one(literal: string): Bound {
  return { sql: '?', literals: [literal] };
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
