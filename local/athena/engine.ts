import { createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { memoize } from '#core/memoize.ts';
import { uploadObject } from '#stores/lake/upload-object.ts';
import { QueryCancelled, QueryFailed } from './errors.ts';
import type { LocalGlue, TableInput } from './glue.ts';
import { createMirror } from './mirror.ts';
import { hasMisplacedParameter } from './parameter-positions.ts';
import { countScannedBytes, type Scan } from './plan.ts';
import { columnsOf, emptySelect, Planner, quoted, type Source, text } from './planner.ts';
import { toPlainText, type ResultTable, toResultTable } from './results.ts';
import type { QueryAccess } from './query-access.ts';
import { rewriteReduce } from './rewrite-reduce.ts';
import { listTableFiles, type TableFile } from './table-files.ts';

export interface Statement {
  id: string;
  sql: string;
  /** Bytes after which the query is cancelled before it reads any. */
  cutOff: number | undefined;
  access: QueryAccess;
  onScan: (bytes: number) => void;
}

export interface Engine {
  /**
   * Runs one statement.
   * @throws {QueryFailed} {QueryCancelled}
   */
  run: (statement: Statement) => Promise<ResultTable>;
  /** @throws {QueryFailed} for a question mark outside of a WHERE clause */
  checkParameters: (sql: string) => Promise<void>;
  close: () => void;
}

/** Trino functions that DuckDB names differently. `sha256` takes text in DuckDB, so `to_utf8` does nothing. */
const macros = [
  'CREATE MACRO to_utf8(x) AS x',
  'CREATE MACRO to_hex(x) AS upper(x)',
  'CREATE MACRO regexp_like(x, p) AS regexp_matches(x, p)',
  // DuckDB writes the path `$["a.b"]` as `$."a.b"`.
  `CREATE MACRO json_extract_scalar(j, p) AS json_extract_string(j, regexp_replace(p, '\\[("[^"]*")\\]', '.\\1', 'g'))`,
  `CREATE MACRO json_extract(j, p) AS json_extract_path(j, regexp_replace(p, '\\[("[^"]*")\\]', '.\\1', 'g'))`,
  `CREATE MACRO json_format(j) AS CAST(j AS varchar)`,
  'CREATE MACRO to_unixtime(t) AS epoch(t)',
];

/** Milliseconds, as every other writer of the lake; sums of 64-bit integers are 64-bit integers in Trino. */
const unloadTypes: Readonly<Record<string, string>> = { TIMESTAMP: 'TIMESTAMP_MS', HUGEINT: 'BIGINT' };

const unloadPattern = /^\s*UNLOAD\s*\(([\s\S]*)\)\s*TO\s*'s3:\/\/([^/']+)\/([^']*)'\s*WITH\s*\(([\s\S]*)\)\s*$/i;
const explainPattern = /^\s*EXPLAIN\s*\(\s*TYPE\s+IO\s*,\s*FORMAT\s+JSON\s*\)\s*([\s\S]+)$/i;
const serializedSchema = z.object({
  error: z.boolean(),
  error_message: z.string().optional(),
  statements: z.unknown().optional(),
});

/** Athena's, and ZSTD's own. */
const defaultLevel = 3;

/** Statements without parameters whose check is kept. */
const statements = 100;

interface Query {
  planner: Planner;
  sql: string;
  access: QueryAccess;
}

/** Runs queries in DuckDB over copies of the lake's files, after Athena's checks. */
export async function createEngine(options: {
  s3: S3Client;
  glue: LocalGlue;
  directory: string;
  database: string;
}): Promise<Engine> {
  const { s3, glue, directory, database } = options;
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'empty.csv'), '');
  const stubs = new Set<string>();
  const mirror = createMirror({ s3, directory: path.join(directory, 'lake') });
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' });
  const setup = await instance.connect();
  await setup.run("SET TimeZone = 'UTC'");
  // A query of a day opens 72 files, some of them a dozen times. A changed file has another name.
  await setup.run('SET GLOBAL parquet_metadata_cache = true');
  for (const macro of macros) await setup.run(macro);

  /** Finds misplaced parameters. Statements differ by their parameters, which are not bound yet: few are new. */
  const isMisplaced = memoize(statements, async (sql: string) => hasMisplacedParameter(await parse(sql)));

  async function parse(sql: string): Promise<unknown> {
    const reader = await setup.runAndReadAll(`SELECT json_serialize_sql(${text(sql)})`);
    const parsed = serializedSchema.parse(JSON.parse(toPlainText(reader.getRowsJson()[0]?.[0])));
    if (parsed.error) throw new QueryFailed(`SYNTAX_ERROR: ${parsed.error_message ?? 'cannot be parsed'}`);
    return parsed.statements;
  }

  /** Finds the tables that a statement reads, directly or through views. */
  async function resolve(planner: Planner, sql: string, access: QueryAccess) {
    const sources = new Map<string, { source: Source; count: number }>();
    const views: [TableInput, string][] = [];
    async function add(statement: string): Promise<void> {
      for (const { name, count } of tableNames(await parse(statement))) {
        const table = glue.table(name);
        const view = table && viewSql(table);
        if (!table) continue;
        access.readTable(table);
        if (view) {
          views.unshift([table, view]);
          await add(view);
        } else {
          const known = sources.get(name);
          sources.set(name, {
            source: known?.source ?? { table, files: await listTableFiles({ glue, mirror, table, access }) },
            count: (known?.count ?? 0) + count,
          });
        }
      }
    }
    await add(sql);
    for (const { source } of sources.values())
      planner.define(source.table, emptySelect(source.table, planner.emptyFile));
    for (const [table, view] of views) planner.define(table, view);
    return sources;
  }

  async function assertReadable(table: TableInput, { object }: TableFile): Promise<void> {
    const footer = await mirror.footer(object);
    if (!footer) throw new QueryFailed(`HIVE_BAD_DATA: Not valid Parquet file: ${s3Url(object)}`);
    for (const [name, type] of columnsOf(table)) {
      const found = footer.columns.get(name);
      if (found !== undefined && found !== type)
        throw new QueryFailed(
          `HIVE_BAD_DATA: Field ${name}'s type ${found} in parquet file ${s3Url(object)} is incompatible with type ${type} defined in table schema`,
        );
    }
  }

  /** Calculates the bytes that the table's scans read, and finds the files they reach. */
  async function prepare({ planner, sql, access }: Query, source: Source, others: Source[], count: number) {
    const { table } = source;
    if (source.files.length === 0) return { table, reached: [], bytes: 0, define: () => planner.defineOver(table, []) };
    const scans = await planner.planScans(sql, source, others);
    const reached = new Set<TableFile>(scans.length < count ? source.files : []);
    const priced: [Scan, ReadonlySet<TableFile>][] = [];
    for (const scan of scans) {
      const files = await planner.selectFiles(source, scan.fileFilter);
      priced.push([scan, files]);
      for (const file of files) reached.add(file);
    }
    for (const { object } of reached) access.readObject(object.bucket, object.key);
    await mirror.fetch([...reached].map(({ object }) => object));
    for (const file of reached) await assertReadable(source.table, file);
    let bytes = 0;
    for (const [scan, files] of priced)
      for (const { object } of files)
        for (const group of (await mirror.footer(object))?.groups ?? []) bytes += countScannedBytes(group, scan);
    return { table, reached: [...reached], bytes, define: () => planner.defineOver(table, [...reached]) };
  }

  async function plan(query: Query) {
    const { planner, sql, access } = query;
    const tables = [...(await resolve(planner, sql, access)).values()];
    const prepared = [];
    for (const { source, count } of tables) {
      const others = tables.map((table) => table.source).filter((other) => other !== source);
      prepared.push(await prepare(query, source, others, count));
    }
    for (const { define } of prepared) await define();
    return prepared;
  }

  /** `EXPLAIN (TYPE IO, FORMAT JSON)`: which tables, and which values of their partition keys. */
  async function explain(query: Query): Promise<ResultTable> {
    const inputTableColumnInfos = (await plan(query)).map(({ table, reached }) => ({
      table: { catalog: 'awsdatacatalog', schemaTable: { schema: database, table: table.Name } },
      constraint: {
        none: false,
        columnConstraints: table.PartitionKeys.map(({ Name }) => ({
          columnName: Name,
          type: 'varchar',
          domain: {
            nullsAllowed: false,
            ranges: [...new Set(reached.map(({ partition }) => partition[Name] ?? ''))].map((value) => ({
              low: { value, bound: 'EXACTLY' },
              high: { value, bound: 'EXACTLY' },
            })),
          },
        })),
      },
    }));
    return {
      columns: [{ Name: 'Query Plan', Type: 'varchar' }],
      rows: [[JSON.stringify({ inputTableColumnInfos })]],
    };
  }

  async function unload(
    { planner, sql: select, access }: Query,
    [, , bucket = '', prefix = '', options = '']: readonly string[],
    id: string,
  ) {
    const key = `${prefix.replace(/\/?$/, '/')}${id}`;
    access.listObjects(bucket, prefix);
    const level = Number(/compression_level\s*=\s*(\d+)/i.exec(options)?.[1] ?? defaultLevel);
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
    if (KeyCount)
      throw new QueryFailed(`HIVE_PATH_ALREADY_EXISTS: Target directory is not empty: s3://${bucket}/${prefix}`);
    const types = await planner.run(`DESCRIBE ${select}`);
    const columns = types.getRowsJson().map(([name, type]) => {
      const column = quoted(toPlainText(name));
      const wanted = unloadTypes[toPlainText(type)];
      return wanted ? `CAST(${column} AS ${wanted}) AS ${column}` : column;
    });
    const file = path.join(directory, `${id}.parquet`);
    const written = await planner.run(
      `COPY (SELECT ${columns.join(', ')} FROM (${select})) TO ${text(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${level})`,
    );
    // Athena leaves no file behind when there are no rows.
    if (Number(written.getRowsJson()[0]?.[0]) > 0) {
      access.writeObject(bucket, key);
      // Athena's names have no extension.
      await uploadObject(s3, { Bucket: bucket, Key: key }, createReadStream(file, { highWaterMark: 1_000_000 }));
    }
    await rm(file);
  }

  return {
    close: () => instance.closeSync(),
    checkParameters: async (sql) => {
      const select = unloadPattern.exec(sql)?.[1] ?? explainPattern.exec(sql)?.[1] ?? sql;
      if (await isMisplaced(select))
        throw new QueryFailed('INVALID_PARAMETER_USAGE: Parameters are allowed in WHERE clauses only');
    },
    run: async ({ id, sql, cutOff, access, onScan }) => {
      const connection = await instance.connect();
      const planner = new Planner(connection, mirror, { directory, stubs });
      try {
        await planner.run("SET TimeZone = 'UTC'");
        const rewritten = rewriteReduce(sql);
        const explained = explainPattern.exec(rewritten)?.[1];
        if (explained) return await explain({ planner, sql: explained, access });
        const target = unloadPattern.exec(rewritten);
        const select = (target?.[1] ?? rewritten).trim().replace(/;\s*$/, '');
        const query = { planner, sql: select, access };
        const bytes = (await plan(query)).reduce((sum, table) => sum + table.bytes, 0);
        onScan(bytes);
        if (cutOff !== undefined && bytes > cutOff)
          throw new QueryCancelled('Query cancelled! : Bytes scanned limit was exceeded');
        if (!target) return toResultTable(await planner.run(select));
        await unload(query, target, id);
        return { columns: [], rows: [] };
      } catch (cause) {
        return failWith(cause);
      } finally {
        connection.closeSync();
        rmSync(path.join(directory, `${id}.parquet`), { force: true });
      }
    },
  };
}

/** Table names in a parsed statement, those of its CTEs left out. */
function tableNames(statement: unknown): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  function visit(node: unknown): void {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    if ('type' in node && node.type === 'BASE_TABLE' && 'table_name' in node && typeof node.table_name === 'string')
      counts.set(node.table_name, (counts.get(node.table_name) ?? 0) + 1);
    Object.values(node).forEach(visit);
  }
  visit(statement);
  return [...counts].map(([name, count]) => ({ name, count }));
}

const presto = z.object({ originalSql: z.string() });

/** The SQL of an Athena view, which Glue keeps as base64 in a comment. */
function viewSql(table: TableInput): string | undefined {
  const encoded = /\/\* Presto View: ([A-Za-z0-9+/=]+) \*\//.exec(table.ViewOriginalText ?? '')?.[1];
  return encoded && presto.parse(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))).originalSql;
}

function s3Url({ bucket, key }: { bucket: string; key: string }): string {
  return `s3://${bucket}/${key}`;
}

function failWith(cause: unknown): never {
  if (cause instanceof QueryFailed || cause instanceof QueryCancelled) throw cause;
  throw new QueryFailed(cause instanceof Error ? cause.message : String(cause), { cause });
}
