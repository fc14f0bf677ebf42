import { estimateQuery } from '#stores/lake/query-estimate.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import {
  type LakeClient,
  openLake,
  orFail,
  formatBytes,
  queryTimeoutMs,
  formatDollars,
  printResult,
} from '#cli/lake/lake-client.ts';
import { flag, required, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';

export const command = defineCommand({
  summary: 'Query the lake with SQL and print rows and price',
  details: `docs/sql.md lists the tables and ten examples. --estimate prints what the statement would read at most and its price,
without running it.`,
  arguments: { select: required(text('<select>'), 'one SELECT statement, in quotes') },
  options: {
    estimate: flag('print bytes and price without running the statement'),
    json: flag('print one JSON object per row'),
  },
  run: async ({ stack: name, select, estimate, json }, terminal) => {
    const stack = await findStack(name, terminal);
    const analyst = openLake(stack, terminal);
    const sql = select.trim().replace(/;$/, '');
    if (estimate) await printEstimate(analyst, sql, terminal);
    else printResult(await orFail(analyst.athena.statement(sql, { deadline: queryTimeoutMs })), json, terminal);
    return 0;
  },
});

async function printEstimate(analyst: LakeClient, sql: string, terminal: Terminal): Promise<void> {
  const { tables, bytes, dollars } = await orFail(estimateQuery(analyst, sql));
  const rows = tables.map((one) => [one.table, formatBytes(one.files), formatBytes(one.bytes)]);
  terminal.print(table(['table', 'files', 'bytes'], rows));
  terminal.print(`at most ${formatBytes(bytes)} bytes, ${formatDollars(dollars)}; nothing was read`);
}
