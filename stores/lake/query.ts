import { z } from 'zod';
import { expandFragments } from '#queries/fragments.ts';
import type { Parameter, ParameterKind } from './query-parameters.ts';

/** SQL with question marks, and the literals for them in order. */
export interface BoundQuery {
  sql: string;
  parameters: string[];
}

/** A query of the lake: its SQL, parameters and rows. */
export interface Query<P extends object, Row> {
  readonly name: string;
  readonly sql: string;
  readonly kinds: Readonly<Record<string, ParameterKind>>;
  /** @throws {z.ZodError} naming the parameter and what is allowed */
  readonly bind: (values: P) => BoundQuery;
  /** Like `bind`, for values from the command line. */
  readonly bindTyped: (values: Readonly<Record<string, unknown>>) => BoundQuery;
  readonly row: z.ZodType<Row>;
}

/**
 * Matches placeholders, what tells the clause of a placeholder, and the comments, strings and quoted names in which
 * neither counts.
 */
const token =
  /--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|:(?<name>[a-z_]+)|[()]|\b(?:SELECT|FROM|WHERE|GROUP|HAVING|WINDOW|ORDER|LIMIT|UNION|EXCEPT|INTERSECT)\b/g;

const wholeText = z.string().regex(/^-?\d+$/, 'must be a whole number');
/** Parsers for the columns of a result: Athena returns text, or null for NULL. */
export const column = {
  text: z.string(),
  optionalText: z.string().nullable(),
  /** A count, at most 2^53. */
  whole: wholeText.transform(Number),
  optionalNumber: z.string().transform(Number).nullable(),
} as const;

type ValuesOf<T> = { [K in keyof T]: T[K] extends Parameter<infer V> ? V : never };

export interface QueryDefinition<T extends Readonly<Record<string, Parameter<unknown>>>, Row> {
  /** The name of its SQL file, in logs, metrics and errors. */
  name: string;
  sql: string;
  parameters: T;
  row: z.ZodType<Row>;
}

/**
 * Declares a query. `:name` in a WHERE clause of its SQL becomes question marks, bound in order, and elsewhere escaped
 * literals: Athena takes parameters in WHERE clauses only
 * (https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html).
 * @throws {Error} when a placeholder is not declared, or a declared parameter is not used
 */
export function defineQuery<const T extends Readonly<Record<string, Parameter<unknown>>>, Row>(
  definition: QueryDefinition<T, Row>,
): Query<ValuesOf<T>, Row> {
  const { name, parameters, row } = definition;
  const sql = expandFragments(definition.sql.trim());
  const used = new Set(placeholdersOf(sql));
  const declared = Object.keys(parameters);
  const wrong = [...declared.filter((key) => !used.has(key)), ...[...used].filter((key) => !(key in parameters))];
  if (wrong.length > 0) throw new Error(`${name}.sql and its declaration differ in ${wrong.join(', ')}`);
  const schema = z.object(Object.fromEntries(Object.entries(parameters).map(([key, kind]) => [key, kind.schema])));
  const kinds = Object.fromEntries(Object.entries(parameters).map(([key, { kind }]) => [key, kind]));
  function bind(values: Readonly<Record<string, unknown>>): BoundQuery {
    const parsed: Readonly<Record<string, unknown>> = schema.parse(values);
    const literals: string[] = [];
    const bound = replacePlaceholders(sql, (key, inWhere) => {
      if (!inWhere) return parameters[key]?.render(parsed[key]) ?? '';
      const piece = parameters[key]?.bind(parsed[key]);
      literals.push(...(piece?.literals ?? []));
      return piece?.sql ?? '';
    });
    return { sql: bound, parameters: literals };
  }
  return { name, sql, kinds, bind, bindTyped: bind, row };
}

/** Lists the placeholders of a SQL text in order of appearance. */
export function placeholdersOf(sql: string): string[] {
  return [...sql.matchAll(token)].flatMap(({ groups }) => groups?.['name'] ?? []);
}

/** Replaces each placeholder, depending on whether it is in a WHERE clause. Keywords are in upper case. */
function replacePlaceholders(sql: string, replace: (name: string, inWhere: boolean) => string): string {
  let inWhere = false;
  const outer: boolean[] = [];
  return sql.replace(token, (text, name: string | undefined) => {
    if (name !== undefined) return replace(name, inWhere);
    if (text === '(') outer.push(inWhere);
    else if (text === ')') inWhere = outer.pop() ?? false;
    else if (/^[A-Z]/.test(text)) inWhere = text === 'WHERE';
    return text;
  });
}
