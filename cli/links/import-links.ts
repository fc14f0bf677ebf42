import { createReadStream } from 'node:fs';
import { describeFull, describeReserved } from '#core/links/link-code.ts';
import { type ImportField, importFields } from '#core/imports/fields.ts';
import type { ColumnChoices } from '#core/imports/map-columns.ts';
import { isZone } from '#core/ledger/time-range.ts';
import { planImport } from '#core/imports/plan-import.ts';
import { type LinksRead, readLinks, type RowProblem } from '#core/imports/read-links.ts';
import { readTable, type Table } from '#core/imports/read-table.ts';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import type { StoredCode } from '#stores/catalog/link-codes.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { flag, type Kind, optional, pagePath, repeated, required, text } from '#cli/parameters.ts';
import { addressesOf, findStack, ownLinksOf } from '#cli/stack.ts';
import { table } from '#cli/table.ts';
import { ensurePage, openCatalog, releaseHint } from './catalog.ts';

const zone: Kind<string> = {
  hint: '<zone>',
  allowed: 'a time zone such as Europe/Vienna',
  parse: (value) => (isZone(value) ? value : undefined),
};

const columnChoice: Kind<[column: string, field: ImportField | 'ignore']> = {
  hint: '<column>=<field>',
  allowed: `a column of the file, = and one of ignore, ${importFields.join(', ')}`,
  parse: (value) => {
    const at = value.lastIndexOf('=');
    const field = (['ignore', ...importFields] as const).find((each) => each === value.slice(at + 1).trim());
    return at > 0 && field !== undefined ? [value.slice(0, at), field] : undefined;
  },
};

export const importLinks = defineCommand({
  summary: 'Create links from a file of another tool',
  details: `Reads CSV, tab-separated text and JSON. Exports of Bitly, Dub, Shlink, YOURLS, Kutt, Rebrandly, Short.io and TinyURL work
without changes (docs/imports.md); in other files, --map says what a column is. Prints invalid rows with line and reason, creates
the others, and exits with 1 if a row was invalid. A row whose link exists just so is repeated, not invalid.`,
  arguments: { file: required(text('<file>'), 'CSV or JSON with links') },
  options: {
    page: optional(pagePath, 'page of rows without a page'),
    map: repeated(columnChoice, 'what a column is'),
    zone: optional(zone, 'time zone of times that name none'),
    replace: flag('overwrite existing links'),
    'dry-run': flag('report what would be imported, and write nothing'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const read = readLinks(await readFile(values.file), { choices: toChoices(values.map), zone: values.zone });
    printColumns(read, terminal);
    if (read.questions.length > 0) throw new UsageError(read.questions.map(describeQuestion).join('\n'));
    const catalog = openCatalog(stack);
    const { domains } = addressesOf(stack);
    const plan = await planImport<StoredCode>(read.links, {
      ...ownLinksOf(stack),
      domains,
      mainDomain: new URL(stack.url).hostname,
      now: terminal.now(),
      page: values.page,
      replace: values.replace,
      findLink: catalog.getLink,
      findCodes: catalog.findCodes,
      openPages: async (links) => {
        const pages = await catalog.getPages(links.map(({ page }) => page));
        return (path) => ({ page: pages.find((page) => page.path === path) });
      },
      describeTaken,
    });
    const links = plan.accepted.map(({ link }) => link);
    const refused = [...read.refused, ...plan.refused].sort((a, b) => a.line - b.line);
    for (const problem of refused) terminal.print(describeProblem(problem, read));
    const counts = {
      read: read.rows,
      accepted: links.length,
      refused: new Set(refused.map(({ line }) => line)).size,
      repeated: read.repeated.length + plan.repeated.length,
    };
    terminal.print(
      `${counts.read} rows = ${counts.accepted} accepted + ${counts.refused} refused + ${counts.repeated} repeated`,
    );
    if (values['dry-run']) return refused.length > 0 ? 1 : 0;
    for (const page of new Set(links.map((link) => link.page)))
      if (await ensurePage(catalog, page, terminal.now())) terminal.note(`created page ${page} in UTC`);
    const { written, busy, full } = await catalog.importLinks(links, plan.codes);
    for (const code of busy) terminal.print(`\`${code}\` was not written because the table is too busy; import again`);
    for (const page of new Set(links.filter(({ code }) => full.includes(code)).map((link) => link.page)))
      terminal.print(describeFull(page));
    terminal.print(`${written} links written, ${counts.refused} rows invalid`);
    return refused.length + busy.length + full.length > 0 ? 1 : 0;
  },
});

/** @throws {UsageError} for a file that cannot be read */
async function readFile(file: string): Promise<Table> {
  const reading = readTable();
  try {
    for await (const bytes of createReadStream(file)) if (bytes instanceof Uint8Array) reading.push(bytes);
    return reading.end();
  } catch (cause) {
    if (cause instanceof UnreadableFile) throw new CommandFailed(`cannot read \`${file}\`: ${cause.message}`);
    throw new UsageError(`\`<file>\` must be a readable file; got \`${file}\``, { cause });
  }
}

function toChoices(given: readonly (readonly [string, ImportField | 'ignore'])[]): ColumnChoices {
  return Object.fromEntries(given);
}

function printColumns({ tool, columns, notes }: LinksRead, terminal: Terminal): void {
  terminal.note(tool === null ? 'the tool that wrote the file is not known' : `a file of ${tool}`);
  for (const note of notes) terminal.note(note);
  if (columns.length > 0)
    terminal.note(
      table(
        ['column', 'field', 'filled', 'first value'],
        columns.map(({ name, field, filled, sample }) => [name, field ?? 'not imported', String(filled), sample]),
      ),
    );
}

function describeQuestion({ about, message }: LinksRead['questions'][number]): string {
  return about === 'zone' ? `${message} Use --zone.` : `${message} Use --map "<column>=${about}".`;
}

function describeProblem({ line, field, message }: RowProblem, { columns }: LinksRead): string {
  const column = columns.find((each) => each.field === field || each.field?.split('.')[0] === field);
  return column === undefined || column.name === field
    ? `line ${line}: ${message}`
    : `line ${line}, column ${column.name}: ${message}`;
}

function describeTaken(code: string, found: StoredCode): string {
  switch (found.kind) {
    case 'reserved':
      return `${describeReserved(code, found.reservation.page)} ${releaseHint(code)}`;
    case 'alias':
      return `the code \`${code}\` is an alias of \`${found.link.code}\``;
    case 'link':
      return `the code \`${code}\` already exists; use --replace to overwrite it`;
    default:
      return found satisfies never;
  }
}
