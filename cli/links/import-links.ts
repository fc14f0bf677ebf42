import { readFile } from 'node:fs/promises';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { defineCommand } from '#cli/command.ts';
import { UsageError } from '#cli/errors.ts';
import { flag, optional, pagePath, required, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';
import { ensurePage, openCatalog } from './catalog.ts';
import { readRows, type RowProblem, type RowsRead } from '#core/links/read-rows.ts';

type Row = RowsRead['links'][number];

/** Lookups at once. */
const lookups = 20;

export const importLinks = defineCommand({
  summary: 'Create links from a CSV file; a refused row is named and the others are written',
  details: `The first line names the columns: code and url; page, title, campaign, status, enabled, startsAt, expiresAt and
expiredUrl where wanted. The exports of Bitly and Dub are understood. Ends with 1 when a row was refused.`,
  arguments: { csv: required(text('<file>'), 'file with commas, semicolons or tabs') },
  options: {
    page: optional(pagePath, 'page of the rows that name none'),
    replace: flag('overwrite links that exist'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const context = { now: terminal.now(), ownHost: new URL(stack.url).host };
    const { links, problems, ignored } = readRows(await readCsv(values.csv), values.page, context);
    if (ignored.length > 0) terminal.note(`columns without a meaning here: ${ignored.join(', ')}`);
    const catalog = openCatalog(stack);
    const taken = values.replace ? new Set<Row>() : await takenRows(catalog, links);
    const accepted = links.filter((row) => !taken.has(row)).map(({ link }) => link);
    for (const page of new Set(accepted.map((link) => link.page)))
      if (await ensurePage(catalog, page, terminal.now())) terminal.note(`page ${page} created, in UTC`);
    const { written, unwritten } = await catalog.importLinks(accepted);
    const all = [...problems, ...[...taken].map(problemOf)].sort((a, b) => a.line - b.line);
    for (const { line, message } of all) terminal.print(`line ${line}: ${message}`);
    for (const code of unwritten) terminal.print(`code "${code}": the table was too busy; import again`);
    terminal.print(`${written} links written, ${new Set(all.map(({ line }) => line)).size} rows refused`);
    return all.length + unwritten.length > 0 ? 1 : 0;
  },
});

async function readCsv(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`<csv> is "${file}"; it must be a file that can be read`, { cause });
  }
}

/** Rows whose code another link has already. */
async function takenRows(catalog: Pick<CatalogAdmin, 'getLink'>, rows: readonly Row[]): Promise<Set<Row>> {
  const taken = new Set<Row>();
  for (let start = 0; start < rows.length; start += lookups) {
    const some = rows.slice(start, start + lookups);
    const found = await Promise.all(some.map(({ link }) => catalog.getLink(link.code)));
    for (const [index, row] of some.entries()) if (found[index]) taken.add(row);
  }
  return taken;
}

function problemOf({ line, link }: Row): RowProblem {
  return {
    line,
    message: `the code "${link.code}" is taken; --replace overwrites it`,
  };
}
