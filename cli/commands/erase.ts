import { z } from 'zod';
import type { ErasureSubject } from '#core/settle/tombstone.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { confirm } from '#cli/lake/confirm.ts';
import { invokeFunction } from '#cli/lake/invoke.ts';
import { visitorId } from '#cli/lake/kinds.ts';
import { flag, optional, pagePath, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

const receiptSchema = z.object({
  tombstone: z.string(),
  rewritten: z.array(z.string()),
  pending: z.array(z.string()),
  deletedObjects: z.number(),
  deletedItems: z.number(),
  erased: z.record(z.string(), z.number()).default({}),
  failed: z.array(z.object({ hour: z.string(), reason: z.string() })),
  remaining: z.array(z.object({ place: z.string(), until: z.string() })),
});

export const command = defineCommand({
  summary: 'Erase a page, a visitor or a consented person from the lake and the counters',
  details: `Cannot be undone. Every settled hour that holds the subject is written again without it, its raw files and older runs are
deleted, and a tombstone keeps out what still comes. Counts become those without it. The receipt names what was done, and
which copies end by themselves, and when.`,
  options: {
    page: optional(pagePath, 'a page with all its events and links'),
    visitor: optional(visitorId, 'a visitor of one day'),
    consented: optional(text('<id>'), 'a person who consented to this id'),
    yes: flag('do not ask'),
  },
  run: async ({ stack: name, yes, page, visitor, consented }, terminal) => {
    const subject = oneSubject({ page, visitor, consented });
    const stack = await findStack(name, terminal);
    const question = `erases ${subject.kind} ${subject.value} on ${stack.name} for good; type ${subject.value} to go on`;
    if (!yes && !(await confirm(terminal, question, subject.value)))
      throw new CommandFailed('not confirmed; nothing was erased');
    const time = new Date(terminal.now()).toISOString();
    const receipt = await invokeFunction(stack, 'EraseFunction', { time, subject }, receiptSchema);
    printReceipt(receipt, terminal);
    return receipt.failed.length > 0 ? 1 : 0;
  },
});

type Subjects = Readonly<Record<ErasureSubject['kind'], string | undefined>>;

function oneSubject({ page, visitor, consented }: Subjects): ErasureSubject {
  const given = Object.entries({ page, visitor, consented }).flatMap(([kind, value]) =>
    value === undefined ? [] : [{ kind, value }],
  );
  const [subject] = given;
  if (!subject || given.length > 1) throw new UsageError('give one of --page, --visitor and --consented');
  const { value } = subject;
  if (page !== undefined) return { kind: 'page', value };
  return visitor !== undefined ? { kind: 'visitor', value } : { kind: 'consented', value };
}

type Receipt = z.infer<typeof receiptSchema>;

function printReceipt(receipt: Receipt, terminal: Terminal): void {
  terminal.print(`tombstone ${receipt.tombstone}`);
  terminal.print(`rewritten ${receipt.rewritten.length} hours`);
  for (const hour of receipt.rewritten) terminal.print(`  ${hour}`);
  terminal.print(`pending ${receipt.pending.length} hours, which lose it when they settle`);
  for (const hour of receipt.pending) terminal.print(`  ${hour}`);
  terminal.print(`deleted ${receipt.deletedObjects} more files, ${receipt.deletedItems} items of counters`);
  const traces = Object.entries(receipt.erased).filter(([, items]) => items > 0);
  if (traces.length > 0) terminal.print(`erased ${traces.map(([kind, items]) => `${items} ${kind}`).join(', ')}`);
  for (const { hour, reason } of receipt.failed) terminal.print(`failed ${hour}: ${reason}`);
  terminal.print('copies that end by themselves');
  for (const { place, until } of receipt.remaining) terminal.print(`  until ${until}  ${place}`);
}
