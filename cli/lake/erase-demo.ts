import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { hashSubject } from '#core/settle/tombstone.ts';
import type { Page } from '#schemas/catalog.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import type { Terminal } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { erasePage } from './erase-page.ts';
import { openCatalog } from '#cli/links/catalog.ts';
import { localFolder, type Stack } from '#cli/stack.ts';

/**
 * Erases the pages that `npm start` added to the local stack, with their links and events. May be interrupted and repeated.
 * @throws {CommandFailed} if there is no demo, or it is still being made
 */
export async function eraseDemo(stack: Stack, terminal: Terminal): Promise<void> {
  if (!stack.local)
    throw new CommandFailed(
      `\`--stack\` must be \`local\`; got \`${stack.name}\`: only the local stack has demo pages`,
    );
  const catalog = openCatalog(stack);
  const pages = await catalog.getPages(demoPathsIn(localFolder(terminal.environment)));
  // First, so that each hour settles once without all of them, instead of once for each.
  await putTombstones(stack, pages, terminal.now());
  for (const page of pages) {
    const { rewritten, pending, failed } = await erasePage(stack, page, terminal.now());
    const rest = pending.length > 0 ? `, ${pending.length} more follow when they settle` : '';
    if (failed.length > 0)
      throw new CommandFailed(
        `${page.path} is still in ${failed.length} hours; run \`hopcount erase --page ${page.path}\``,
      );
    terminal.print(`${page.path} removed from ${rewritten.length} hours${rest}`);
  }
}

async function putTombstones(stack: Stack, pages: readonly Page[], createdAt: number): Promise<void> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const state = createSettleState({ client, table: stack.outputs.CatalogTable, now: () => createdAt });
  for (const { path: value } of pages)
    await state.putTombstone({ hash: hashSubject({ kind: 'page', value }), kind: 'page', createdAt });
  client.destroy();
}

const demoSchema = z.object({ state: z.string(), pages: z.array(z.string()).max(100) });

/** @throws {CommandFailed} if the stack has no demo, or it is still being made */
function demoPathsIn(folder: string): string[] {
  const file = path.join(folder, 'demo.json');
  if (!existsSync(file)) throw new CommandFailed('the local stack has no demo pages');
  const { state, pages } = demoSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  if (state !== 'done')
    throw new CommandFailed('the demo pages are still being added; wait until `npm start` says that they are settled');
  return pages;
}
