import type { ErasureSubject } from '#core/settle/tombstone.ts';
import { type ErasureReceipt, erasureReceiptSchema } from '#schemas/lake-jobs.ts';
import { ask } from '#cli/ask.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { visitorId } from '#cli/lake/kinds.ts';
import { flag, optional, pagePath, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Erase a page, a visitor or a consented id from the lake and the counters',
  details: `This cannot be undone. Rewrites every settled hour of the subject without it, deletes the raw files and older versions, and
keeps out events that arrive later. The counters change accordingly. The receipt lists what was erased and which copies
expire later.`,
  options: {
    page: optional(pagePath, 'a page with all its events'),
    visitor: optional(visitorId, 'a visitor_id, which is valid for one day'),
    consented: optional(text('<id>'), 'a consented id'),
    yes: flag('skip the confirmation'),
  },
  run: async ({ stack: name, yes, page, visitor, consented }, terminal) => {
    const subject = parseSubject({ page, visitor, consented });
    const stack = await findStack(name, terminal);
    const question = `This permanently erases ${subject.kind} ${subject.value} from ${stack.name}. Type ${subject.value} to continue:`;
    if (!yes && (await ask(terminal, question)) !== subject.value)
      throw new CommandFailed('not confirmed; nothing was erased');
    const time = new Date(terminal.now()).toISOString();
    const receipt = await invokeFunction(stack, 'EraseFunction', { time, subject }, erasureReceiptSchema);
    printReceipt(receipt, terminal);
    return receipt.failed.length > 0 ? 1 : 0;
  },
});

type Subjects = Readonly<Record<ErasureSubject['kind'], string | undefined>>;

function parseSubject({ page, visitor, consented }: Subjects): ErasureSubject {
  const given = Object.entries({ page, visitor, consented }).flatMap(([kind, value]) =>
    value === undefined ? [] : [{ kind, value }],
  );
  const [subject] = given;
  if (!subject || given.length > 1)
    throw new UsageError('specify exactly one of `--page`, `--visitor` and `--consented`');
  const { value } = subject;
  if (page !== undefined) return { kind: 'page', value };
  return visitor !== undefined ? { kind: 'visitor', value } : { kind: 'consented', value };
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
