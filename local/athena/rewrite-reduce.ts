import { QueryFailed } from './errors.ts';

/**
 * Rewrites Trino's `reduce(list, initial, step, finish)` as DuckDB's `list_reduce(list, step, initial)`. DuckDB wants
 * list and state to have the same element type, and a macro cannot take a lambda.
 * @throws {QueryFailed} unless `finish` returns the state as it is
 * @example rewriteReduce('reduce(a, ARRAY[0], (s, x) -> x || s, s -> s)') // 'list_reduce(a, (s, x) -> x || s, ARRAY[0])'
 */
export function rewriteReduce(sql: string): string {
  const start = /\breduce\s*\(/i.exec(sql);
  if (!start) return sql;
  const from = start.index + start[0].length;
  const { parts, end } = splitArguments(sql, from);
  const [list, initial, step, finish] = parts;
  if (parts.length !== 4 || !/^(\w+)\s*->\s*\1$/.test(finish ?? ''))
    throw new QueryFailed('NOT_SUPPORTED: reduce takes a list, a state, a step and a finish that returns the state');
  return `${sql.slice(0, start.index)}list_reduce(${list}, ${step}, ${initial})${rewriteReduce(sql.slice(end))}`;
}

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|[()[\],]/g;

/** Splits what stands between a parenthesis and its end at the commas that are not inside of other brackets. */
function splitArguments(sql: string, from: number): { parts: string[]; end: number } {
  const parts: string[] = [];
  let depth = 0;
  let last = from;
  token.lastIndex = from;
  for (let found = token.exec(sql); found; found = token.exec(sql)) {
    const closes = ')]'.includes(found[0]);
    if (depth === 0 && (closes || found[0] === ',')) {
      parts.push(sql.slice(last, found.index).trim());
      last = found.index + 1;
      if (closes) return { parts, end: last };
    } else if (closes) depth -= 1;
    else if ('(['.includes(found[0])) depth += 1;
  }
  throw new QueryFailed('SYNTAX_ERROR: reduce( is not closed');
}
