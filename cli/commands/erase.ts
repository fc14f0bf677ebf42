import type { ErasureSubject } from '#core/settle/tombstone.ts';
import { hashPersonId } from '#core/visitors/person-id.ts';
import { type ErasureReceipt, erasureReceiptSchema } from '#schemas/lake-jobs.ts';
import { ask } from '#cli/ask.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { visitorId } from '#cli/lake/kinds.ts';
import { openCatalog } from '#cli/links/catalog.ts';
import { eraseDemo } from '#cli/lake/erase-demo.ts';
import { flag, optional, pagePath, text } from '#cli/parameters.ts';
import { findStack, type Stack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Erase a page, a visitor, a person or ids of people from the lake and the counters',
  details: `This cannot be undone. Rewrites every settled hour of the subject without it, deletes the raw files and older versions, and
keeps out events that arrive later. The counters change accordingly. The receipt lists what was erased and which copies
expire later.`,
  options: {
    page: optional(pagePath, 'a page with all its events'),
    visitor: optional(visitorId, 'a visitor_id, which is valid for one day'),
    consented: optional(text('<id>'), 'a person, by their id as in an export, or with `--on` as the site knows it'),
    on: optional(pagePath, 'the page on which the person has the id that the site knows'),
    ids: optional(pagePath, 'all ids of people that a page has stored; its events stay'),
    demo: flag('the pages that `npm start` added to the local stack, with their links'),
    yes: flag('skip the confirmation'),
  },
  run: async ({ stack: name, yes, demo, on, ...subjects }, terminal) => {
    const subject = parseSubject({ ...subjects, demo: demo ? 'pages' : undefined }, on);
    const stack = await findStack(name, terminal);
    if (subject === undefined) {
      await eraseDemo(stack, terminal);
      return 0;
    }
    const question = `This permanently erases ${subject.kind} ${subject.value} from ${stack.name}. Type ${subject.value} to continue:`;
    if (!yes && (await ask(terminal, question)) !== subject.value)
      throw new CommandFailed('not confirmed; nothing was erased');
    const time = new Date(terminal.now()).toISOString();
    const stored = on === undefined ? subject : { ...subject, value: await storedId(stack, on, subject.value) };
    const receipt = await invokeFunction(stack, 'EraseFunction', { time, subject: stored }, erasureReceiptSchema);
    if (receipt.tombstone === null) {
      terminal.note(`no events of ${subject.kind} ${subject.value} were found; nothing was erased`);
      return 1;
    }
    printReceipt(receipt, terminal);
    return receipt.failed.length > 0 ? 1 : 0;
  },
});

type Subjects = Readonly<Record<ErasureSubject['kind'] | 'demo', string | undefined>>;

/** Returns undefined for the demo. @throws {UsageError} unless there is exactly one subject, and `--on` with an id alone */
function parseSubject(subjects: Subjects, on: string | undefined): ErasureSubject | undefined {
  const { page, visitor, consented, ids } = subjects;
  if (Object.values(subjects).filter((value) => value !== undefined).length !== 1)
    throw new UsageError('specify exactly one of `--page`, `--visitor`, `--consented`, `--ids` and `--demo`');
  if (on !== undefined && consented === undefined) throw new UsageError('`--on` goes with `--consented` alone');
  if (page !== undefined) return { kind: 'page', value: page };
  if (visitor !== undefined) return { kind: 'visitor', value: visitor };
  if (ids !== undefined) return { kind: 'ids', value: ids };
  return consented === undefined ? undefined : { kind: 'consented', value: consented };
}

/** Returns the id as the lake has it. @throws {CommandFailed} */
async function storedId(stack: Stack, path: string, id: string): Promise<string> {
  const page = await openCatalog(stack).getPage(path);
  const hash = page && hashPersonId(page, id);
  if (hash === undefined) throw new CommandFailed(`${path} is not a page that has kept ids of people`);
  return hash;
}

function printReceipt(receipt: ErasureReceipt, terminal: Terminal): void {
  terminal.print(`tombstone ${receipt.tombstone}`);
  terminal.print(`rewritten ${receipt.rewritten.length} hours`);
  for (const hour of receipt.rewritten) terminal.print(`  ${hour}`);
  terminal.print(`pending ${receipt.pending.length} hours, erased when they settle`);
  for (const hour of receipt.pending) terminal.print(`  ${hour}`);
  terminal.print(`deleted ${receipt.deletedObjects} other files and ${receipt.deletedItems} counter items`);
  const traces = Object.entries(receipt.erased).filter(([, items]) => items > 0);
  if (traces.length > 0) terminal.print(`erased ${traces.map(([kind, items]) => `${items} ${kind}`).join(', ')}`);
  for (const { hour, reason } of receipt.failed) terminal.print(`failed ${hour}: ${reason}`);
  terminal.print('copies that expire');
  for (const { place, until } of receipt.remaining) terminal.print(`  until ${until}  ${place}`);
}
