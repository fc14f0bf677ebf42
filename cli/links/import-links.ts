import { readFile } from 'node:fs/promises';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { defineCommand } from '#cli/command.ts';
import { UsageError } from '#cli/errors.ts';
import { flag, optional, pagePath, required, text } from '#cli/parameters.ts';
import { findStack, ownLinksOf } from '#cli/stack.ts';
import { ensurePage, openCatalog } from './catalog.ts';
import { readRows, refuseLoops, type RowProblem, type RowsRead } from '#core/links/read-rows.ts';

type Row = RowsRead['links'][number];

const concurrency = 20;

export const importLinks = defineCommand({
  summary: 'Create links from a CSV file',
  details: `The header line names the columns. code and url are required; page, title, campaign, status, enabled, startsAt, expiresAt and
expiredUrl are optional. Exports from Bitly and Dub work without changes. Prints invalid rows with line and reason, creates
the others, and exits with 1 if a row was invalid.`,
  arguments: { csv: required(text('<file>'), 'values separated by commas, semicolons or tabs') },
  options: {
    page: optional(pagePath, 'page of rows without a page'),
    replace: flag('overwrite existing links'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const own = ownLinksOf(stack);
    const catalog = openCatalog(stack);
    const rows = readRows(await readCsv(values.csv), values.page, { now: terminal.now(), ...own });
    const { links, problems, ignored } = await refuseLoops(rows, { ...own, findLink: catalog.getLink });
    if (ignored.length > 0) terminal.note(`ignored columns: ${ignored.join(', ')}`);
    const existing = values.replace ? new Set<Row>() : await findExisting(catalog, links);
    const accepted = links.filter((row) => !existing.has(row)).map(({ link }) => link);
    for (const page of new Set(accepted.map((link) => link.page)))
      if (await ensurePage(catalog, page, terminal.now())) terminal.note(`created page ${page} in UTC`);
    const { written, unwritten } = await catalog.importLinks(accepted);
    const all = [...problems, ...[...existing].map(problemOf)].sort((a, b) => a.line - b.line);
    for (const { line, message } of all) terminal.print(`line ${line}: ${message}`);
    for (const code of unwritten)
      terminal.print(`\`${code}\` was not written because the table is too busy; import again`);
    terminal.print(`${written} links written, ${new Set(all.map(({ line }) => line)).size} rows invalid`);
    return all.length + unwritten.length > 0 ? 1 : 0;
  },
});

async function readCsv(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`\`<csv>\` must be a readable file; got \`${file}\``, { cause });
  }
}

/** Finds the rows whose code already exists. */
async function findExisting(catalog: Pick<CatalogAdmin, 'getLink'>, rows: readonly Row[]): Promise<Set<Row>> {
  const existing = new Set<Row>();
  for (let start = 0; start < rows.length; start += concurrency) {
    const some = rows.slice(start, start + concurrency);
    const found = await Promise.all(some.map(({ link }) => catalog.getLink(link.code)));
    for (const [index, row] of some.entries()) if (found[index]) existing.add(row);
  }
  return existing;
}

function problemOf({ line, link }: Row): RowProblem {
  return {
    line,
    message: `the code \`${link.code}\` already exists; use --replace to overwrite it`,
  };
}
