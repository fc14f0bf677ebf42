import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { beginImport, newImport } from '#core/history/new-import.ts';
import { isZone } from '#core/ledger/time-range.ts';
import { ulidOf } from '#core/ulid.ts';
import { historyFormatNames, historyLimits } from '#schemas/history/history-formats.ts';
import type { ImportJob, ImportReport } from '#schemas/history/history-job.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { date } from '#cli/lake/kinds.ts';
import { openCatalog } from '#cli/links/catalog.ts';
import { flag, type Kind, oneOf, optional, optionalWith, pagePath, required, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';
import { openImports } from './open-imports.ts';

const zone: Kind<string> = {
  hint: '<zone>',
  allowed: 'a time zone such as Europe/Vienna',
  parse: (value) => (isZone(value) ? value : undefined),
};

export const importHistory = defineCommand({
  summary: 'Import clicks, views and events from a file of another tool',
  details: `Which tools, and how to export from them: docs/imports.md. The file may be packed with gzip or be a ZIP archive; of a
folder, each file is an import of its own. Import the links first: clicks of codes that the page does not have are refused. The
import runs in the stack: this command may be stopped meanwhile. Settled numbers include it after the next settle.`,
  arguments: { file: required(text('<file>'), 'file, archive or folder') },
  options: {
    page: required(pagePath, 'page that the history belongs to'),
    format: optionalWith(oneOf(['auto', ...historyFormatNames]), 'auto', 'format of the file'),
    zone: optional(zone, 'time zone of times that name none'),
    until: optional(date, 'first local date that is not imported; default: the first event of its own of each link'),
    'dry-run': flag('report what would be imported, and write nothing'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const files = await listFiles(values.file);
    if ((await openCatalog(stack).getPage(values.page)) === undefined)
      throw new CommandFailed(`page ${values.page} does not exist; import its links first`);
    const imports = openImports(stack, terminal.now);
    let failed = 0;
    for (const { file, bytes } of files) {
      const now = terminal.now();
      const job = newImport({
        id: ulidOf(now, randomBytes(16)),
        page: values.page,
        file: { name: path.basename(file), bytes },
        format: values.format,
        zone: values.zone ?? null,
        until: values.until ?? null,
        dryRun: values['dry-run'],
        now,
      });
      await imports.upload(job.id, file);
      await imports.jobs.create(job);
      await imports.begin(job, beginImport(job), terminal.note);
      const done = await imports.wait(job.id, (running) => terminal.note(describeStep(running)));
      if (files.length > 1) terminal.print(file);
      if (done.state !== 'done') {
        terminal.print(`import ${job.id} ${done.state}: ${done.message ?? ''}`);
        failed += 1;
        continue;
      }
      const report = await imports.report(job.id);
      printReport(report, terminal);
      if (!job.dryRun) terminal.print(`import ${job.id}; undo it with \`hopcount history undo ${job.id}\``);
      if (report.totals.refused > 0) failed += 1;
    }
    return failed > 0 ? 1 : 0;
  },
});

/** @throws {UsageError} for a file that cannot be read or is too large, and for an empty folder */
async function listFiles(file: string): Promise<{ file: string; bytes: number }[]> {
  let found;
  try {
    found = await stat(file);
  } catch (cause) {
    throw new UsageError(`\`<file>\` must be a file or folder that can be read; got \`${file}\``, { cause });
  }
  const names = found.isDirectory()
    ? (await readdir(file))
        .filter((name) => !name.startsWith('.'))
        .toSorted()
        .map((name) => path.join(file, name))
    : [file];
  const sizes = await Promise.all(names.map(async (name) => ({ file: name, stats: await stat(name) })));
  const files = sizes.flatMap(({ file: name, stats }) => (stats.isFile() ? [{ file: name, bytes: stats.size }] : []));
  if (files.length === 0) throw new UsageError(`\`<file>\` must be a file, or a folder with files; got \`${file}\``);
  const large = files.find(({ bytes }) => bytes > historyLimits.bytes);
  if (large)
    throw new UsageError(`\`${large.file}\` has ${large.bytes} bytes; an import has at most ${historyLimits.bytes}`);
  return files;
}

function describeStep({ cursor: { step, done, total } }: ImportJob): string {
  return `${step}: ${done.toLocaleString('en')}${total === null ? '' : ` of ${total.toLocaleString('en')}`}`;
}

const mostRefusals = 20;

function printReport(report: ImportReport, terminal: Terminal): void {
  const { rows, accepted, refused, repeated } = report.totals;
  for (const { file, line, column, value, reason } of report.refusals.slice(0, mostRefusals))
    terminal.print(`${file} line ${line}: ${column === null ? '' : `${column} \`${value ?? ''}\` `}${reason}`);
  if (report.refusals.length > mostRefusals)
    for (const [reason, count] of Object.entries(report.reasons)) terminal.print(`${count} rows: ${reason}`);
  for (const note of report.notes) terminal.print(note);
  if (report.ignored.length > 0) terminal.print(`not imported: ${report.ignored.join(', ')}`);
  if (report.first !== null) terminal.print(`from ${report.first} to ${report.last ?? ''}`);
  terminal.print(`${rows} rows = ${accepted} accepted + ${refused} refused + ${repeated} repeated`);
}
