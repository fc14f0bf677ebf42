import { z } from 'zod';
import { lakeQueries } from '#stores/lake/lake-queries.ts';
import type { BoundQuery } from '#stores/lake/query.ts';
import { defineCommand } from '#cli/command.ts';
import { UsageError } from '#cli/errors.ts';
import { analystOf, asking, deadline, printAnswer } from '#cli/lake/analyst.ts';
import { hintOf, namedText, readValues } from '#cli/lake/query-values.ts';
import { nearest } from '#cli/nearest.ts';
import { flag, repeated, required, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

const names = lakeQueries.map(({ name }) => name);
const width = Math.max(...names.map((name) => name.length));

const listed = lakeQueries
  .map(({ name, kinds }) => {
    const parameters = Object.entries(kinds).map(([key, kind]) => `${key}=${hintOf(kind)}`);
    return `  ${name.padEnd(width)}  ${parameters.join(' ')}`;
  })
  .join('\n');

export const command = defineCommand({
  summary: 'Run one of the queries that the product runs itself, and print rows and price',
  details: `first_dt and last_dt follow from from and to, or from date, where they are not given. The queries, which are the files of
queries/, and their parameters:

${listed}`,
  arguments: { name: required(text('<name>'), 'name of the query') },
  options: {
    param: repeated(namedText, 'a parameter; give the option once for each'),
    json: flag('one JSON object a row'),
  },
  run: async ({ stack: stackName, name, param, json }, terminal) => {
    const query = queryNamed(name);
    const { sql, parameters } = bind(query, readValues(query.kinds, param));
    const { athena } = analystOf(await findStack(stackName, terminal), terminal);
    printAnswer(await asking(athena.statement(sql, { name, parameters, deadline })), json, terminal);
    return 0;
  },
});

type LakeQuery = (typeof lakeQueries)[number];

function queryNamed(name: string): LakeQuery {
  const query = lakeQueries.find((one) => one.name === name);
  if (query) return query;
  const meant = nearest(name, names);
  throw new UsageError(
    `"${name}" is not a query; ${meant ? `did you mean "${meant}"?` : `there are ${names.join(', ')}`}`,
  );
}

function bind(query: LakeQuery, values: Readonly<Record<string, unknown>>): BoundQuery {
  try {
    return query.bindTyped(values);
  } catch (cause) {
    if (cause instanceof z.ZodError) throw new UsageError(`${query.name}: ${z.prettifyError(cause)}`, { cause });
    throw cause;
  }
}
