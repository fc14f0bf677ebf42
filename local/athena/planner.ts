import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection, DuckDBResultReader } from '@duckdb/node-api';
import type { TableInput } from './glue.ts';
import type { Mirror } from './mirror.ts';
import { readScans, type Scan } from './plan.ts';
import { toPlainText } from './results.ts';
import type { TableFile } from './table-files.ts';

const duckTypes: Readonly<Record<string, string>> = {
  bigint: 'BIGINT',
  int: 'INTEGER',
  double: 'DOUBLE',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  string: 'VARCHAR',
};

/** A table of a query. Before planning, `files` are all its files; afterwards, those that its scans reach. */
export interface Source {
  table: TableInput;
  files: TableFile[];
}

const parquetOptions = 'hive_partitioning = true, hive_types_autocast = false, filename = true';

/** Defines tables as views on the connection of one statement, and asks DuckDB's planner which files a scan reaches. */
export class Planner {
  readonly #connection: DuckDBConnection;
  readonly #mirror: Mirror;
  readonly #directory: string;
  readonly #stubs: Set<string>;
  readonly #defined = new Map<string, string>();
  readonly #created = new Map<string, string>();

  /** @param stubs files that this process has written: one set for all planners of a folder */
  constructor(
    connection: DuckDBConnection,
    mirror: Mirror,
    { directory, stubs }: { directory: string; stubs: Set<string> },
  ) {
    this.#connection = connection;
    this.#mirror = mirror;
    this.#directory = directory;
    this.#stubs = stubs;
  }

  get emptyFile(): string {
    return path.join(this.#directory, 'empty.csv');
  }

  async run(sql: string): Promise<DuckDBResultReader> {
    for (const [name, select] of this.#defined) {
      if (this.#created.get(name) === select) continue;
      await this.#connection.run(`CREATE OR REPLACE TEMP VIEW ${quoted(name)} AS ${select}`);
      this.#created.set(name, select);
    }
    return await this.#connection.runAndReadAll(sql);
  }

  /** Defines a table for the next statement, or a view after its tables. Many a definition is replaced before one runs. */
  define(table: TableInput, select: string): void {
    this.#defined.set(table.Name, select);
  }

  /**
   * Writes a Parquet file without rows and returns its path. The path has the table's partition keys, with a value that no
   * filter matches.
   */
  async writeStub({ table, files }: Source): Promise<string> {
    const [first] = files;
    const hive = (first?.object.key ?? '').split('/').slice(0, -1);
    const folders = hive.map((part) => part.replace(/=.*/, '=__HIVE_DEFAULT_PARTITION__'));
    const directory = path.join(this.#directory, 'stubs', table.Name, ...folders);
    const file = path.join(directory, 'stub.parquet');
    if (this.#stubs.has(file)) return file;
    mkdirSync(directory, { recursive: true });
    const columns = columnsOf(table).map(([name, type]) => `CAST(NULL AS ${duckType(type)}) AS ${quoted(name)}`);
    await this.run(`COPY (SELECT ${columns.join(', ')} WHERE false) TO ${text(file)} (FORMAT parquet)`);
    this.#stubs.add(file);
    return file;
  }

  /** Returns the scans of one table. Plans with all other tables empty, because a plan does not name the table of a scan. */
  async planScans(sql: string, source: Source, others: readonly Source[]): Promise<Scan[]> {
    for (const other of others) this.define(other.table, emptySelect(other.table, this.emptyFile));
    const paths = [await this.writeStub(source), ...source.files.map(({ object }) => this.#mirror.nameOf(object))];
    const columns = [...columnsOf(source.table).map(([name]) => quoted(name)), ...partitionColumns(source.table)];
    this.define(
      source.table,
      `SELECT ${columns.join(', ')}, ${pathColumn(this.#mirror.directories.names)} FROM read_parquet([${paths.map(text).join(', ')}], ${parquetOptions})`,
    );
    const [row] = (await this.run(`EXPLAIN (FORMAT JSON) ${sql}`)).getRowsJson();
    return readScans(toPlainText(row?.[1]));
  }

  /** Returns the files that match a filter of the plan. Returns all files if DuckDB cannot parse the filter. */
  async selectFiles(source: Source, fileFilter: string | undefined): Promise<ReadonlySet<TableFile>> {
    if (fileFilter === undefined) return new Set(source.files);
    const keys = source.table.PartitionKeys.map(({ Name }) => Name);
    // A path may name more than the table's keys (`run=`); the plan never filters by those.
    const rows = source.files.map(({ object, partition }, at) =>
      [String(at), text(this.#mirror.nameOf(object)), ...keys.map((key) => text(partition[key] ?? ''))].join(', '),
    );
    const names = ['number', 'filename', ...keys].map(quoted).join(', ');
    try {
      const reader = await this.run(
        `SELECT number FROM (VALUES (${rows.join('), (')})) AS files(${names}) WHERE ${fileFilter}`,
      );
      return new Set(reader.getRowsJson().flatMap(([at]) => source.files[Number(at)] ?? []));
    } catch {
      return new Set(source.files);
    }
  }

  /** Defines the table over the copies of these files. A column that an older file lacks is NULL. */
  async defineOver(table: TableInput, files: readonly TableFile[]): Promise<void> {
    const byColumns = new Map<string, { names: Set<string>; paths: string[] }>();
    for (const { object } of files) {
      const names = new Set((await this.#mirror.footer(object))?.columns.keys());
      const signature = [...names].join(' ');
      const group = byColumns.get(signature) ?? { names, paths: [] };
      group.paths.push(this.#mirror.copyOf(object));
      byColumns.set(signature, group);
    }
    const selects = [...byColumns.values()].map(({ names, paths }) => {
      const columns = columnsOf(table).map(([name, type]) =>
        names.has(name) ? quoted(name) : `CAST(NULL AS ${duckType(type)}) AS ${quoted(name)}`,
      );
      const all = [...columns, ...partitionColumns(table), pathColumn(this.#mirror.directories.copies)];
      return `SELECT ${all.join(', ')} FROM read_parquet([${paths.map(text).join(', ')}], ${parquetOptions})`;
    });
    this.define(table, selects.length > 0 ? selects.join(' UNION ALL ') : emptySelect(table, this.emptyFile));
  }
}

/** Selects no rows, with the table's types. Reads a CSV file, which has no statistics for the planner to use. */
export function emptySelect(table: TableInput, emptyFile: string): string {
  const types = [...columnsOf(table), ...table.PartitionKeys.map(({ Name, Type }): [string, string] => [Name, Type])];
  const struct = [...types.map(([name, type]) => `${text(name)}: ${text(duckType(type))}`), `'$path': 'VARCHAR'`];
  return `SELECT * FROM read_csv(${text(emptyFile)}, columns = {${struct.join(', ')}}, auto_detect = false, header = false)`;
}

export function columnsOf(table: TableInput): [string, string][] {
  return table.StorageDescriptor.Columns.map(({ Name, Type }) => [Name, Type]);
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function duckType(glueType: string): string {
  return duckTypes[glueType] ?? 'VARCHAR';
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function partitionColumns(table: TableInput): string[] {
  return table.PartitionKeys.map(({ Name, Type }) =>
    duckType(Type) === 'VARCHAR' ? quoted(Name) : `CAST(${quoted(Name)} AS ${duckType(Type)}) AS ${quoted(Name)}`,
  );
}

/** Selects `"$path"`, the object's address, from the path of its copy or name. */
function pathColumn(root: string): string {
  return `'s3://' || regexp_replace(substr(filename, ${root.length + 2}), '/[0-9a-f]{16}~', '/') AS "$path"`;
}
