/**
 * Runs every query of queries/, and those of docs/sql.md, on a real Trino over the files that the local stack has
 * written, and compares each row with the local engine's. Prints one line per case; exits with 1 if any differs.
 */
import { readFileSync } from 'node:fs';
import { settle } from '../jobs/settle/settle.ts';
import type { BoundQuery } from '../stores/lake/query.ts';
import { startWorld, type World } from '../test/lake/settle-world.ts';
import { listCases } from './trino/cases.ts';
import { runCheck } from './missing-tool.ts';
import { createPopulation, rules, settledAt } from './trino/population.ts';
import { startTrino, type Trino, version } from './trino/server.ts';
import { createTables } from './trino/tables.ts';

type Rows = (string | null)[][];

/** Trino divides integers and DuckDB does not, so a comparison that finds no difference here would find none at all. */
const control = {
  name: 'control: the engines differ in 7 / 2',
  query: { sql: 'SELECT 7 / 2 AS half', parameters: [] },
};

/** What settle decides; the hour that is compared must show each. */
const decisions = [
  'settle.duplicate|',
  'settle.duplicate.id|',
  'settle.reclassified.',
  'settle.behavior.too-fast|',
  'settle.behavior.refused-methods|',
];

/** Differences to print of one case. */
const shown = 5;

await runCheck(check);

async function check(): Promise<number> {
  const world = await startWorld();
  try {
    // Two raw files for each hour.
    const rows = createPopulation();
    for (const half of [0, 1]) await world.write(rows.filter((_, at) => at % 2 === half));
    for (const rule of rules) await world.deps.state.putRule({ ...rule, state: 'pending' });
    await settle(world.deps, { time: settledAt });
    const trino = await startTrino(world.lake);
    try {
      await createTables(world, trino);
      const problems = await compareAll(world, trino);
      console.log(
        problems === 0 ? `Trino ${version}: every result is equal` : `Trino ${version}: ${problems} problems`,
      );
      return problems;
    } finally {
      await trino.stop();
    }
  } finally {
    await world.stop();
  }
}

async function compareAll(world: World, trino: Trino): Promise<number> {
  let problems = 0;
  const decided = new Set<string>();
  for (const { name, query } of [...(await listCases(world)), ...documentedStatements(), control]) {
    const local = await attempt(async () => (await world.deps.athena.statement(query.sql, query)).rows);
    const remote = await attempt(() => trino.rows(query.sql, query.parameters));
    const difference = compare(local, remote);
    const isProblem = (difference === undefined) === (query === control.query);
    if (isProblem) problems += 1;
    if (name.startsWith('settle-events')) for (const decision of findDecisions(local)) decided.add(decision);
    const count = typeof local === 'string' ? 'failed' : `${local.length} rows`;
    console.log(`${isProblem ? '✗' : '✓'} ${name.padEnd(60)} ${count}${isProblem ? `\n${difference}` : ''}`);
  }
  const missing = decisions.filter((decision) => !decided.has(decision));
  for (const decision of missing) console.log(`✗ no event of the settled hour was decided by ${decision}`);
  return problems + missing.length;
}

function findDecisions(rows: Rows | string): string[] {
  const text = JSON.stringify(rows);
  return decisions.filter((decision) => text.includes(`"${decision}`));
}

/** Returns the ten questions of docs/sql.md. */
function documentedStatements(): { name: string; query: BoundQuery }[] {
  const text = readFileSync(new URL('../docs/sql.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^(\d+)\. (.+?)\n\n```sql\n([\s\S]*?)```/gm)].map(([, number = '', , sql = '']) => ({
    name: `docs/sql.md ${number}`,
    query: { sql, parameters: [] },
  }));
}

async function attempt(run: () => Promise<Rows>): Promise<Rows | string> {
  try {
    return await run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns the difference of two results, or undefined. Rows that ORDER BY leaves open may be in any order. */
function compare(local: Rows | string, remote: Rows | string): string | undefined {
  if (typeof local === 'string') return `  local: ${local}`;
  if (typeof remote === 'string') return `  Trino: ${remote}`;
  const localLines = local.map((row) => JSON.stringify(row)).toSorted();
  const remoteLines = remote.map((row) => JSON.stringify(row)).toSorted();
  const differences = localLines.flatMap((line, at) =>
    line === remoteLines[at] ? [] : [`  local: ${line}\n  Trino: ${remoteLines[at] ?? 'no row'}`],
  );
  if (localLines.length !== remoteLines.length)
    differences.unshift(`  local: ${localLines.length} rows, Trino: ${remoteLines.length} rows`);
  return differences.length > 0 ? differences.slice(0, shown).join('\n') : undefined;
}
