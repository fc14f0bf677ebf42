import { readFile } from 'node:fs/promises';
import type { StoredCode } from '#stores/catalog/link-codes.ts';
import { defineCommand } from '#cli/command.ts';
import { UsageError } from '#cli/errors.ts';
import { flag, optional, pagePath, required, text } from '#cli/parameters.ts';
import { findStack, ownLinksOf } from '#cli/stack.ts';
import { ensurePage, openCatalog, releaseHint } from './catalog.ts';
import { describeFull, describeReserved } from '#core/links/link-code.ts';
import { readRows, refuseLoops, type RowProblem, type RowsRead } from '#core/links/read-rows.ts';

type Row = RowsRead['links'][number];

export const importLinks = defineCommand({
  summary: 'Create links from a CSV file',
  details: `The header line names the columns. code and url are required; the other fields of a link are optional. Exports from Bitly
and Dub work without changes. Prints invalid rows with line and reason, creates the others, and exits with 1 if a row was
invalid.`,
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
    const stored = await catalog.findCodes(links.map(({ link }) => link.code));
    const accepted = links
      .filter((row) => refusalOf(row, stored, values.replace) === undefined)
      .map(({ link }) => link);
    const refused = links.flatMap((row) => refusalOf(row, stored, values.replace) ?? []);
    for (const page of new Set(accepted.map((link) => link.page)))
      if (await ensurePage(catalog, page, terminal.now())) terminal.note(`created page ${page} in UTC`);
    const { written, busy, full } = await catalog.importLinks(accepted, stored);
    const all = [...problems, ...refused].sort((a, b) => a.line - b.line);
    for (const { line, message } of all) terminal.print(`line ${line}: ${message}`);
    for (const code of busy) terminal.print(`\`${code}\` was not written because the table is too busy; import again`);
    for (const page of new Set(accepted.filter(({ code }) => full.includes(code)).map((link) => link.page)))
      terminal.print(describeFull(page));
    terminal.print(`${written} links written, ${new Set(all.map(({ line }) => line)).size} rows invalid`);
    return all.length + busy.length + full.length > 0 ? 1 : 0;
  },
});

async function readCsv(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`\`<csv>\` must be a readable file; got \`${file}\``, { cause });
  }
}

/** Returns why a row is not written; undefined if it is. */
function refusalOf(
  { line, link }: Row,
  stored: ReadonlyMap<string, StoredCode>,
  replace: boolean,
): RowProblem | undefined {
  const found = stored.get(link.code);
  if (found?.kind === 'reserved' && found.reservation.page !== link.page)
    return { line, message: `${describeReserved(link.code, found.reservation.page)} ${releaseHint(link.code)}` };
  return found?.kind === 'link' && !replace
    ? { line, message: `the code \`${link.code}\` already exists; use --replace to overwrite it` }
    : undefined;
}
