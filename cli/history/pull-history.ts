import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { text as readAll } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import { newPull, noLinks } from '#core/history/pulls/new-pull.ts';
import {
  instanceAllowed,
  isInstance,
  type PullJob,
  type PullRequest,
  pullTools,
  tokenSchema,
} from '#schemas/history/pull.ts';
import { createPulls } from '#stores/catalog/pulls.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { ensurePage, openCatalog } from '#cli/links/catalog.ts';
import { flag, type Kind, oneOf, optional, pagePath, required, text } from '#cli/parameters.ts';
import { findStack, type Stack } from '#cli/stack.ts';
import { openImports } from './open-imports.ts';

const instance: Kind<string> = {
  hint: '<url>',
  allowed: instanceAllowed,
  parse: (value) => (isInstance(value) ? value : undefined),
};

const tokenFile = text('<file>');

export const pullHistory = defineCommand({
  summary: 'Pull links and history from the API of Bitly, Dub, Shlink or Plausible',
  details: `Links come first, then their history, which is imported like a file. The pull runs in the stack: this command may be
stopped meanwhile. It waits as long as the tool asks for; a wait that ends nothing pauses it, and \`history resume\` goes on. The
token is kept encrypted, for a day at most. Which token, and what comes along: docs/imports.md.`,
  arguments: { tool: required(oneOf(pullTools), 'the tool') },
  options: {
    page: required(pagePath, 'page that gets the links and their history'),
    'token-file': required(tokenFile, 'file with the token; `-` for standard input'),
    server: optional(
      instance,
      'address of the instance: needed for Shlink; of Plausible, default https://plausible.io',
    ),
    site: optional(text('<domain>'), 'site of Plausible'),
    group: optional(text('<id>'), 'group of Bitly (default: all)'),
    'links-only': flag('leave the history out'),
    'dry-run': flag('read everything and report, and write nothing; `history resume` then imports it'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const request = toRequest(values);
    const token = await readToken(values['token-file'], terminal);
    if (await ensurePage(openCatalog(stack), values.page, terminal.now()))
      terminal.note(`created page ${values.page} in UTC`);
    const pull = newPull({
      page: values.page,
      request,
      dryRun: values['dry-run'],
      now: terminal.now(),
      random: randomBytes,
    });
    await openPulls(stack, terminal).create(pull);
    await start(stack, pull.id, token);
    return follow(stack, pull.id, terminal);
  },
});

export const resumePull = defineCommand({
  summary: 'Import what a dry run has pulled, or go on with a pull that is paused',
  arguments: { id: required(text('<id>'), 'id of the pull') },
  options: { 'token-file': optional(tokenFile, 'file with another token; `-` for standard input') },
  run: async ({ stack: name, id, 'token-file': file }, terminal) => {
    const stack = await findStack(name, terminal);
    const pulls = openPulls(stack, terminal);
    const pull = await pulls.get(id);
    if (pull === undefined) throw new CommandFailed(`pull \`${id}\` does not exist`);
    if (pull.state !== 'paused' && pull.state !== 'previewed')
      throw new CommandFailed(`pull \`${id}\` is ${pull.state}; only one that is paused or previewed can be resumed`);
    const token = file === undefined ? undefined : await readToken(file, terminal);
    if (token === undefined && !pull.isPulled && (await pulls.token(id)) === undefined)
      throw new UsageError('`--token-file` is required: the token of this pull was deleted');
    const confirmed = pull.state === 'previewed' ? { dryRun: false, imported: noLinks } : {};
    if ((await pulls.change(pull, { ...confirmed, state: 'running', reason: null, wakeAt: null })) === undefined)
      throw new CommandFailed(`pull \`${id}\` was changed at the same time; try again`);
    await start(stack, id, token);
    return follow(stack, id, terminal);
  },
});

interface RequestValues {
  tool: (typeof pullTools)[number];
  server: string | undefined;
  site: string | undefined;
  group: string | undefined;
  'links-only': boolean;
}

/** @throws {UsageError} for an option that the tool needs */
function toRequest({ tool, server, site, group, 'links-only': linksOnly }: RequestValues): PullRequest {
  switch (tool) {
    case 'bitly':
      return { tool, history: !linksOnly, ...(group !== undefined && { group }) };
    case 'dub':
      return { tool, history: !linksOnly };
    case 'shlink':
      if (server === undefined) throw new UsageError(`\`--server\` is required for Shlink: ${instanceAllowed}`);
      return { tool, server, history: !linksOnly };
    case 'plausible':
      if (site === undefined) throw new UsageError('`--site` is required for Plausible: the domain of the site');
      return { tool, server: server ?? 'https://plausible.io', site };
    default:
      return tool satisfies never;
  }
}

/** @throws {UsageError} */
async function readToken(file: string, terminal: Terminal): Promise<string> {
  let content;
  try {
    content = file === '-' ? await readAll(terminal.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`\`--token-file\` must be a readable file or \`-\`; got \`${file}\``, { cause });
  }
  const token = tokenSchema.safeParse(content.trim());
  // The token itself is in no message.
  if (!token.success) throw new UsageError('the token must be one line without spaces, at most 2,000 characters');
  return token.data;
}

function openPulls(stack: Stack, { now }: Pick<Terminal, 'now'>) {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  return createPulls({ client, table: stack.outputs.CatalogTable, now });
}

/** With a token, waits until the function has it: nothing queues it. */
async function start(stack: Stack, id: string, token: string | undefined): Promise<void> {
  if (token !== undefined) {
    await invokeFunction(stack, 'PullFunction', { id, token }, z.unknown());
    return;
  }
  const client = new LambdaClient(stack.clientOptions('lambda'));
  const Payload = JSON.stringify({ id });
  await client.send(new InvokeCommand({ FunctionName: stack.outputs.PullFunction, InvocationType: 'Event', Payload }));
  client.destroy();
}

const pollMilliseconds = 1_000;

/** Waits until a pull needs someone, or has ended. Returns 3 if it goes on without this command. */
async function follow(stack: Stack, id: string, terminal: Terminal): Promise<number> {
  const pulls = openPulls(stack, terminal);
  terminal.note(`pull ${id}`);
  for (;;) {
    const pull = await pulls.get(id);
    if (pull === undefined) throw new CommandFailed(`pull \`${id}\` was deleted`);
    switch (pull.state) {
      case 'running':
        terminal.progress(describeProgress(pull));
        await sleep(pollMilliseconds);
        continue;
      case 'waiting':
        terminal.print(
          `${describeProgress(pull)}; waits until ${new Date(pull.wakeAt ?? 0).toISOString()}: ${pull.reason}`,
        );
        terminal.print(`the stack continues it; follow it with \`hopcount history list --page ${pull.page}\``);
        return 3;
      case 'paused':
        terminal.print(`${describeProgress(pull)}; paused: ${pull.reason}`);
        terminal.print(`go on with \`hopcount history resume ${id}\``);
        return 1;
      case 'failed':
        terminal.print(`failed: ${pull.reason}`);
        return 1;
      case 'previewed':
        await printResult(stack, pull, terminal);
        terminal.print(`nothing was written; import it with \`hopcount history resume ${id}\``);
        return 0;
      case 'done':
        await printResult(stack, pull, terminal);
        if (pull.isImported)
          terminal.print(`its history is import ${pull.importId}: \`hopcount history list --page ${pull.page}\``);
        return pull.imported.counts.refused > 0 ? 1 : 0;
      default:
        return pull.state satisfies never;
    }
  }
}

function describeProgress({ progress: { requests, links, rows } }: PullJob): string {
  const [asked, found, history] = [requests, links, rows].map((count) => count.toLocaleString('en'));
  return `${asked} requests, ${found} links, ${history} rows of history`;
}

const mostRefusals = 20;

async function printResult(stack: Stack, pull: PullJob, terminal: Terminal): Promise<void> {
  const { refused } = await openImports(stack, terminal.now).pullReport(pull.id);
  for (const { link, message } of refused.slice(0, mostRefusals)) terminal.print(`${link}: ${message}`);
  if (refused.length > mostRefusals) terminal.print(`… ${refused.length - mostRefusals} more`);
  const { counts } = pull.imported;
  const { range, rows, notes } = pull.progress;
  for (const { text: note, count } of notes) terminal.print(`${count} × ${note}`);
  terminal.print(
    `${counts.rows} links = ${counts.accepted} accepted + ${counts.repeated} repeated + ${counts.refused} refused`,
  );
  if (range.first !== null)
    terminal.print(
      `${range.count.toLocaleString('en')} clicks or views in ${rows} rows, from ${range.first} to ${range.last}`,
    );
}
