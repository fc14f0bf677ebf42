import { estimateQuery } from '#stores/lake/query-estimate.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { type Analyst, analystOf, asking, bytesText, deadline, dollarsText, printAnswer } from '#cli/lake/analyst.ts';
import { flag, required, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';

export const command = defineCommand({
  summary: 'Ask the lake in SQL, and print rows and price',
  details: `Tables and examples: docs/sql.md. --estimate tells what a statement would read at most, and its price, and runs nothing.`,
  arguments: { select: required(text('<select>'), 'one SELECT statement, in quotes') },
  options: {
    estimate: flag('only bytes and price'),
    json: flag('one JSON object a row'),
  },
  run: async ({ stack: name, select, estimate, json }, terminal) => {
    const stack = await findStack(name, terminal);
    const analyst = analystOf(stack, terminal);
    const sql = select.trim().replace(/;$/, '');
    if (estimate) await printEstimate(analyst, sql, terminal);
    else printAnswer(await asking(analyst.athena.statement(sql, { deadline })), json, terminal);
    return 0;
  },
});

async function printEstimate(analyst: Analyst, sql: string, terminal: Terminal): Promise<void> {
  const { tables, bytes, dollars } = await asking(estimateQuery(analyst, sql));
  const rows = tables.map((one) => [one.table, bytesText(one.files), bytesText(one.bytes)]);
  terminal.print(table(['table', 'files', 'bytes'], rows));
  terminal.print(`at most ${bytesText(bytes)} bytes, ${dollarsText(dollars)}; nothing was read`);
}
