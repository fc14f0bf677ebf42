import { describeSchemaError } from '#core/field-error.ts';
import { z } from 'zod';
import { rawPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { type Athena, priceOfScan } from './athena.ts';
import { QueryFailed } from './errors.ts';
import type { SettledFiles } from './settled-files.ts';

/** The most that a statement can read: all columns of every file in its partitions. */
export interface QueryEstimate {
  tables: { table: string; files: number; bytes: number }[];
  bytes: number;
  dollars: number;
}

const boundSchema = z.object({ value: z.coerce.string().optional(), bound: z.string() });
const constraintSchema = z.object({
  columnName: z.string(),
  domain: z.object({ ranges: z.array(z.object({ low: boundSchema, high: boundSchema })).default([]) }),
});
/** Trino's IO plan; older versions name the constraints one level higher. */
const planSchema = z.object({
  inputTableColumnInfos: z.array(
    z.object({
      table: z.object({ schemaTable: z.object({ table: z.string() }) }),
      constraint: z.object({ columnConstraints: z.array(constraintSchema) }).optional(),
      columnConstraints: z.array(constraintSchema).optional(),
    }),
  ),
});

const prefixes = new Map<string, string>([
  ['raw_events', rawPrefix],
  ...Object.values(settledTables).map(({ name, prefix }): [string, string] => [name, prefix]),
]);

const datePattern = /\/dt=(\d{4}-\d{2}-\d{2})\//;

/**
 * Asks Athena which partitions a statement reads, and adds up their files, including superseded runs of the last day.
 * @throws {QueryFailed} if Athena cannot plan the statement
 */
export async function estimateQuery(
  { athena, files }: { athena: Athena; files: Pick<SettledFiles, 'list'> },
  sql: string,
): Promise<QueryEstimate> {
  const { rows } = await athena.statement(`EXPLAIN (TYPE IO, FORMAT JSON) ${sql}`);
  const text = rows.map((row) => row[0] ?? '').join('\n');
  const plan = planSchema.safeParse(JSON.parse(text));
  if (!plan.success) throw new QueryFailed('sql', `its plan cannot be read: ${describeSchemaError(plan.error)}`);
  const tables = [];
  for (const { table, constraint, columnConstraints } of plan.data.inputTableColumnInfos) {
    const name = table.schemaTable.table;
    const constraints = constraint?.columnConstraints ?? columnConstraints ?? [];
    const objects = (await files.list(prefixes.get(name) ?? `${name}/`)).filter(({ key }) =>
      reaches(constraints, datePattern.exec(key)?.[1] ?? ''),
    );
    tables.push({ table: name, files: objects.length, bytes: objects.reduce((sum, { size }) => sum + size, 0) });
  }
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  return { tables, bytes, dollars: priceOfScan(bytes) };
}

type Constraint = z.infer<typeof constraintSchema>;

/** Returns whether the plan includes the partition. A bound without a value is open. */
function reaches(constraints: readonly Constraint[], date: string): boolean {
  const ranges = constraints.find(({ columnName }) => columnName === 'dt')?.domain.ranges ?? [];
  if (ranges.length === 0) return constraints.every(({ columnName }) => columnName !== 'dt');
  return ranges.some(({ low, high }) => (low.value ?? '') <= date && date <= (high.value ?? '9'));
}
