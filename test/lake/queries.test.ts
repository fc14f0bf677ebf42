import { longestList } from '#jobs/settle/reclassify.ts';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settledTables } from '#schemas/lake-tables.ts';
import { formatRule } from '#core/settle/rules.ts';
import { ownerLimits } from '#functions/api/limits.ts';
import { maxErasures, maxUndoneImports } from '#schemas/lake-jobs.ts';
import { hasMisplacedParameter } from '#local/athena/parameter-positions.ts';
import { measure } from '#core/metrics/metrics.fixture.ts';
import { parameter, type ParameterKind } from '#stores/lake/query-parameters.ts';
import { defineQuery, placeholdersOf } from '#stores/lake/query.ts';
import * as lakeQueries from '#stores/lake/lake-queries.ts';
import * as metricQueries from '#stores/lake/metric-queries.ts';
import * as statsQueries from '#stores/lake/stats-queries.ts';
import hourlyTrafficSql from '#queries/settle/hourly-traffic.sql' with { type: 'text' };

const directory = new URL('../../queries/', import.meta.url);
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).flatMap((file) =>
  file.endsWith('.sql') ? [path.basename(file)] : [],
);

/**
 * Functions that Trino and DuckDB evaluate alike, including operators and interval literals, which DuckDB parses as
 * functions (`trunc`, `to_seconds`). Excluded on purpose:
 * date_diff, concat, greatest, approx_percentile, element_at, sequence, map_agg, format_datetime, to_iso8601.
 */
const allowed = new Set(
  [
    '+ - * / % || ~~ !~~',
    'count count_star count_if sum min max avg min_by max_by stddev_samp grouping',
    'row_number lag lead first_value rank',
    // The local Athena rewrites `reduce` for DuckDB.
    'array_agg reduce list_value row',
    'coalesce nullif round abs sqrt substr length lower split split_part strpos',
    // Alike for spaces. Campaign labels have others only where a link was made before labels were trimmed.
    'trim',
    'contains chr unnest date_trunc to_unixtime sha256 to_hex to_utf8',
    // Of what enrich has written as JSON.
    'json_extract_scalar',
    'trunc to_seconds to_minutes to_hours to_days',
    // The local Athena names paths as DuckDB does.
    'json_extract json_extract_scalar json_format',
  ].flatMap((line) => line.split(' ')),
);

async function parse(sql: string): Promise<unknown> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const reader = await connection.runAndReadAll(`SELECT json_serialize_sql('${sql.replaceAll("'", "''")}')`);
  return JSON.parse(z.string().parse(reader.getRowsJson()[0]?.[0]));
}

function functionsOf(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(functionsOf);
  if (typeof tree !== 'object' || tree === null) return [];
  const own = 'function_name' in tree && typeof tree.function_name === 'string' ? [tree.function_name] : [];
  return [...own, ...Object.values(tree).flatMap(functionsOf)];
}

describe('the largest query of a settle', () => {
  it.each(["'", '€'])('fits into the 256 KB of an Athena query, with rules of `%s` alone', (character) => {
    const hash = 'A'.repeat(64);
    const rule = {
      id: '0'.repeat(26),
      page: `/${'p'.repeat(64)}`,
      field: 'referrer' as const,
      value: character.repeat(253),
      outcome: 'counted' as const,
    };
    const { sql } = lakeQueries.settleEvents.bind({
      dt: '2026-11-22',
      hr: '07',
      run: '0'.repeat(26),
      unreadable: [],
      erased: Array.from({ length: maxErasures + maxUndoneImports }, () => hash),
      erased_count: maxErasures + maxUndoneImports,
      forgotten: [],
      forgotten_count: 0,
      referrals: Array.from({ length: longestList / 1000 }, () => 'a'.repeat(999)),
      rules: Array.from({ length: ownerLimits.rulesOfStack }, () => formatRule(rule)),
      before_dt: '2026-11-22',
      before_hr: '06',
      before_run: '0'.repeat(26),
      hour: 0,
      window_known: 10,
      window_unknown: 2,
      window_longest: 10,
      keep_keys: 1,
      slice: '01234567',
    });
    expect(Buffer.byteLength(sql)).toBeLessThan(262_144);
  });
});

const examples: Readonly<Record<ParameterKind, unknown>> = {
  text: "it's",
  date: '2026-11-22',
  whole: 1,
  instant: 0,
  lines: ['a', 'b'],
  members: ['a', 'b'],
  measures: [
    {
      page: '/ada',
      metric: 'm1@1',
      name: 'a',
      currency: 'EUR',
      measure: measure('average', [['referrer', 'is-not', ["Coeur d'Alene", ':from']]], 'cart.total'),
    },
  ],
  filters: [
    { dimension: 'city', operator: 'is', values: ["Coeur d'Alene", ''] },
    { dimension: 'link', operator: 'is-not', values: ['k3x9', '?'] },
    { dimension: 'referrer', operator: 'contains', values: ['100%', ':from'] },
  ],
};

const defined = Object.values({ ...lakeQueries, ...metricQueries, ...statsQueries }).filter((query) => 'sql' in query);

describe('queries/**/*.sql', () => {
  it('are each declared once, under their file name', () => {
    expect(defined.map(({ name }) => `${name}.sql`).sort()).toEqual(files.sort());
  });

  it.each(defined.map((query) => [query.name, query.sql] as const))(
    '%s uses only functions that Trino and DuckDB evaluate alike',
    async (_name, sql) => {
      const tree = await parse(sql.replace(/--[^\n]*/g, '').replace(/(?<![:\w]):[a-z_]+/g, '?'));
      expect(tree).toMatchObject({ error: false });
      expect(functionsOf(tree).filter((name) => !allowed.has(name))).toEqual([]);
    },
  );

  it.each(defined.map((query) => [query.name, query] as const))(
    '%s binds parameters in WHERE clauses only, as Athena documents',
    async (_name, query) => {
      const { sql, parameters } = query.bindTyped(
        Object.fromEntries(Object.entries(query.kinds).map(([key, kind]) => [key, examples[kind]])),
      );
      const marks = sql.replace(/--[^\n]*|'(?:[^']|'')*'/g, '').split('?');
      expect(marks).toHaveLength(parameters.length + 1);
      expect(placeholdersOf(sql)).toEqual([]);
      const tree = await parse(sql);
      expect(tree).toMatchObject({ error: false });
      expect(hasMisplacedParameter(tree)).toBe(false);
      expect(functionsOf(tree).filter((name) => !allowed.has(name))).toEqual([]);
    },
  );

  it.each([
    'SELECT ? AS a FROM t WHERE b = ?',
    'SELECT a FROM t GROUP BY a HAVING count(*) > ?',
    'SELECT a FROM t JOIN u ON t.a = u.a AND u.b = ?',
    "SELECT a FROM UNNEST(split(?, ',')) AS t(a)",
    'SELECT a FROM t WHERE a IN (SELECT ? FROM u)',
    'SELECT a FROM t ORDER BY a LIMIT ?',
  ])('may not be like `%s`', async (sql) => {
    expect(hasMisplacedParameter(await parse(sql))).toBe(true);
  });

  it('limit the partitions: an unbounded query of raw_events lists every day of the lake', () => {
    const tables = [settledTables.events.name, settledTables.runs.name, 'raw_events'];
    for (const { name, sql } of defined)
      if (tables.some((table) => sql.includes(`FROM ${table}`))) expect(sql, name).toMatch(/\bdt (=|BETWEEN)/);
  });
});

describe('parameters', () => {
  const hourlyTraffic = { name: 'hourly-traffic', sql: hourlyTrafficSql, row: z.unknown() };
  const query = defineQuery({ ...hourlyTraffic, parameters: { dt: parameter.text } });

  it('are bound as literals, whatever they contain', () => {
    expect(query.bind({ dt: "x' OR '1'='1" }).parameters).toEqual(["'x'' OR ''1''=''1'"]);
    expect(query.bind({ dt: 'x' }).sql).toContain('dt = ?');
  });

  it('are escaped literals in the text outside of WHERE clauses, whatever they contain', () => {
    const positions = defineQuery({
      name: 'positions',
      sql: `SELECT :a, count(*) FROM UNNEST(split(:list, chr(10))) AS t(x) JOIN u ON u.y = :a AND u.at > :at
        WHERE x IN (:a, substr(:a, 1)) AND EXISTS (SELECT :a FROM v WHERE v.z = :n) AND z = :n
        GROUP BY x HAVING count(*) > :n`,
      parameters: { a: parameter.text, list: parameter.lines, at: parameter.instant, n: parameter.whole },
      row: z.unknown(),
    });
    const bound = positions.bind({ a: "' || :n --?", list: ["it's", '日本 😀'], at: 1, n: -7 });
    const a = "''' || :n --?'";
    expect(bound.sql.replaceAll(/\s+/g, ' ')).toBe(
      `SELECT ${a}, count(*) FROM UNNEST(split('it''s 日本 😀', chr(10))) AS t(x) JOIN u ON u.y = ${a} AND u.at > TIMESTAMP '1970-01-01 00:00:00.001' ` +
        `WHERE x IN (?, substr(?, 1)) AND EXISTS (SELECT ${a} FROM v WHERE v.z = ?) AND z = ? GROUP BY x HAVING count(*) > -7`,
    );
    expect(bound.parameters).toEqual([a, a, '-7', '-7']);
  });

  it('are read back by the engine as they were', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const values = ["'", "''';--", '\\', '\u0001\t\r', '\u{1F600}é', '?', ':a', 'x'.repeat(1022)];
    const reader = await connection.runAndReadAll(
      `SELECT ${values.map((value) => parameter.text.render(value)).join(', ')}`,
    );
    expect(reader.getRowsJson()).toEqual([values]);
  });

  it('must be declared exactly as in the file', () => {
    expect(() => defineQuery({ ...hourlyTraffic, parameters: { day: parameter.date } })).toThrow(
      'hourly-traffic.sql and its declaration differ in day, dt',
    );
  });

  it('are rejected with their name and what is allowed', () => {
    expect(() => lakeQueries.hourlyTraffic.bind({ dt: 'yesterday' })).toThrow(/dt/);
    expect(() => parameter.lines.schema.parse(['a\nb'])).toThrow(/must be one line/);
    expect(() => parameter.text.schema.parse('x'.repeat(1023))).toThrow(/must fit into 1024 characters/);
    expect(parameter.text.schema.parse('x'.repeat(1022))).toHaveLength(1022);
    expect(() => parameter.text.schema.parse('a\0')).toThrow(/must not contain NUL/);
    expect(() => parameter.lines.schema.parse(['a\0'])).toThrow(/must not contain NUL/);
    expect(() => parameter.members.schema.parse(['a\0'])).toThrow(/must not contain NUL/);
  });

  it('split a list between items only', () => {
    const items = Array.from({ length: 500 }, (_, at) => `it's item ${at}`);
    const { literals, sql } = parameter.lines.bind(items);
    expect(sql).toBe(`(${literals.map(() => '?').join(' || ')})`);
    expect(literals.every((literal) => literal.length <= 1024)).toBe(true);
    const joined = literals.map((literal) => literal.slice(1, -1).replaceAll("''", "'")).join('');
    expect(joined.split('\n')).toEqual(items);
  });
});
