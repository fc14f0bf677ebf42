import { describeSchemaError } from '#core/field-error.ts';
import { z } from 'zod';
import { lakeQueries } from '#stores/lake/lake-queries.ts';
import type { BoundQuery } from '#stores/lake/query.ts';
import { defineCommand } from '#cli/command.ts';
import { UsageError } from '#cli/errors.ts';
import { openLake, orFail, queryTimeoutMs, printResult } from '#cli/lake/lake-client.ts';
import { describeKind, namedText, readValues } from '#cli/lake/query-values.ts';
import { nearest } from '#cli/nearest.ts';
import { flag, repeated, required, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

const names = lakeQueries.map(({ name }) => name);
const width = Math.max(...names.map((name) => name.length));

const listed = lakeQueries
  .map(({ name, kinds }) => {
    const parameters = Object.entries(kinds).map(([key, kind]) => `${key}=${describeKind(kind)}`);
    return `  ${name.padEnd(width)}  ${parameters.join(' ')}`;
  })
  .join('\n');

export const command = defineCommand({
  summary: "Run one of the product's own queries and print rows and price",
  details: `first_dt and last_dt are derived from the parameters from and to, or date, if you omit them. The queries, one file each in
queries/, and their parameters:

${listed}`,
  arguments: { name: required(text('<name>'), 'name of a query') },
  options: {
    param: repeated(namedText, 'a parameter; repeat the option for each'),
    json: flag('print one JSON object per row'),
  },
  run: async ({ stack: stackName, name, param, json }, terminal) => {
    const query = findQuery(name);
    const { sql, parameters } = bind(query, readValues(query.kinds, param));
    const { athena } = openLake(await findStack(stackName, terminal), terminal);
    printResult(await orFail(athena.statement(sql, { name, parameters, deadline: queryTimeoutMs })), json, terminal);
    return 0;
  },
});

type LakeQuery = (typeof lakeQueries)[number];

function findQuery(name: string): LakeQuery {
  const query = lakeQueries.find((one) => one.name === name);
  if (query) return query;
  const meant = nearest(name, names);
  throw new UsageError(
    `unknown query \`${name}\`; ${meant ? `did you mean \`${meant}\`?` : `the queries are ${names.join(', ')}`}`,
  );
}

function bind(query: LakeQuery, values: Readonly<Record<string, unknown>>): BoundQuery {
  try {
    return query.bindTyped(values);
  } catch (cause) {
    if (cause instanceof z.ZodError) throw new UsageError(`${query.name}: ${describeSchemaError(cause)}`, { cause });
    throw cause;
  }
}
