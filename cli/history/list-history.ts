import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type PullJob, pullLimits } from '#schemas/history/pull.ts';
import { createPulls } from '#stores/catalog/pulls.ts';
import { defineCommand } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { pagePath, required, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';
import { openImports } from './open-imports.ts';

export const listHistory = defineCommand({
  summary: 'List the imports of history of a page, and the pulls',
  options: { page: required(pagePath, 'the page') },
  run: async ({ stack: name, page }, terminal) => {
    const stack = await findStack(name, terminal);
    const jobs = await openImports(stack, terminal.now).jobs.after(page, undefined, historyLimits.importsOfPage);
    const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
    const pulls = await createPulls({ client, table: stack.outputs.CatalogTable, now: terminal.now }).after(
      page,
      undefined,
      pullLimits.ofPage,
    );
    client.destroy();
    if (jobs.length === 0 && pulls.length === 0) {
      terminal.note(`${page} has no imports of history`);
      return 0;
    }
    const rows = jobs.map(({ id, createdAt, file, state, dryRun, totals, message }) => [
      id,
      createdAt.slice(0, 16).replace('T', ' '),
      file.name,
      dryRun ? `${state} (dry run)` : state,
      totals === null ? (message ?? '') : `${totals.accepted} of ${totals.rows} rows`,
    ]);
    const all = [...rows, ...pulls.map(toPullRow)].toSorted(([, a = ''], [, b = '']) => (a < b ? -1 : 1));
    terminal.print(table(['id', 'created', 'file', 'state', 'result'], all));
    return 0;
  },
});

function toPullRow({ id, createdAt, request, state, progress, imported, reason }: PullJob): string[] {
  const result = reason ?? `${imported.counts.accepted} of ${progress.links} links, ${progress.rows} rows`;
  return [id, createdAt.slice(0, 16).replace('T', ' '), `pull from ${request.tool}`, state, result];
}

export const undoHistory = defineCommand({
  summary: 'Take an import of history back',
  details: 'Its events leave the settled numbers with the next settle. The file can be imported again.',
  arguments: { id: required(text('<id>'), 'id of the import, from `hopcount history list`') },
  run: async ({ stack: name, id }, terminal) => {
    const stack = await findStack(name, terminal);
    const imports = openImports(stack, terminal.now);
    const job = await imports.jobs.get(id);
    if (job === undefined) throw new CommandFailed(`import \`${id}\` does not exist`);
    if (job.state === 'undone') await imports.start(id);
    else await imports.begin(job, { state: 'undoing' });
    const { state } = await imports.wait(id, () => undefined);
    if (state !== 'undone') throw new CommandFailed(`import \`${id}\` is ${state}; try again`);
    terminal.print(`import ${id} is undone; the next settle takes its events out of the numbers`);
    return 0;
  },
});
