import { dayLength } from '#core/time.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import type { Link } from '#schemas/catalog.ts';
import { reservedCodes } from '#schemas/catalog-rules.ts';
import { entityKeys } from '#schemas/counters.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { sendRequest } from '#cli/http-request.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { requireLink, linksOfPage, openCatalog } from '#cli/links/catalog.ts';
import { linkCode, optional, required, webAddress } from '#cli/parameters.ts';
import { findStack, type Stack } from '#cli/stack.ts';
import { type Step, stepsFor } from '#cli/verify/steps.ts';

/** A single click may wait 25 s for its batch, and the file of the batch as long again. */
const countTimeout = 90_000;
export const command = defineCommand({
  summary: 'Test a link end to end: responses, headers and counters',
  details: `Requests the link with GET, with a trailing slash, with HEAD and as a prefetch, then an unknown code, and waits until the
requests of the link are counted. They count like those of any visitor.`,
  arguments: { 'base-url': required(webAddress, 'public URL of the stack') },
  options: { link: optional(linkCode, 'code of the link (default: the first link without rules)') },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const link =
      values.link === undefined ? await findPlainLink(stack) : await requireLink(openCatalog(stack), values.link);
    terminal.print(`${values['base-url']}/${link.code} → ${link.url}`);
    const steps = stepsFor({ code: link.code, url: isPlain(link) ? link.url : undefined, status: link.status });
    const before = await countEvents(stack, link.id, terminal.now);
    let passed = true;
    let events = 0;
    for (const step of steps) {
      const result = await runStep(values['base-url'], step, terminal);
      passed &&= result.passed;
      if (step.event && result.answered) events += 1;
    }
    const counted = events === 0 || (await waitForEvents(stack, link.id, before + events, terminal));
    return passed && counted ? 0 : 1;
  },
});

/** Finds a link without rules, because its response is predictable. */
async function findPlainLink(stack: Stack): Promise<Link> {
  const catalog = openCatalog(stack);
  const { rows } = await catalog.listPages();
  for (const { path } of rows) for await (const link of linksOfPage(catalog, path)) if (isPlain(link)) return link;
  throw new CommandFailed('there is no enabled link without rules; create one with `hopcount links add`');
}

function isPlain(link: Link): boolean {
  return (
    link.enabled &&
    !reservedCodes.includes(link.code) &&
    link.startsAt === null &&
    link.expiresAt === null &&
    Object.keys({ ...link.deviceUrls, ...link.countryUrls, ...link.utm }).length === 0
  );
}

async function countEvents(stack: Stack, id: string, now: () => number): Promise<number> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const reader = createRollupReader({ client, table: stack.outputs.RollupsTable, now });
  function date(at: number): string {
    return new Date(at).toISOString().slice(0, 10);
  }
  const hours = await reader.hours(entityKeys.link(id), date(now() - dayLength), date(now() + dayLength));
  client.destroy();
  return hours.reduce((sum, { hot }) => sum + sumOutcomes(readOutcomes(hot)), 0);
}

interface StepResult {
  passed: boolean;
  answered: boolean;
}

async function runStep(base: string, step: Step, terminal: Terminal): Promise<StepResult> {
  const result = await sendRequest(`${base}${step.path}`, step.method, step.headers).then(
    (reply) => ({ answered: true, problems: step.check(reply) }),
    (error: unknown) => ({ answered: false, problems: [String(error)] }),
  );
  const passed = result.problems.length === 0;
  terminal.print(`${passed ? '✓' : '✗'} ${step.name}`);
  for (const problem of result.problems) terminal.print(`    ${problem}`);
  return { passed, answered: result.answered };
}

async function waitForEvents(stack: Stack, id: string, wanted: number, terminal: Terminal): Promise<boolean> {
  const start = terminal.now();
  let counted = await countEvents(stack, id, terminal.now);
  while (counted < wanted && terminal.now() - start < countTimeout) {
    terminal.progress('waiting for the counters');
    await sleep(500);
    counted = await countEvents(stack, id, terminal.now);
  }
  const seconds = ((terminal.now() - start) / 1000).toFixed(1);
  const done = counted >= wanted;
  terminal.print(
    done
      ? `✓ all requests are counted, after ${seconds} s`
      : `✗ ${wanted - counted} requests are not counted after ${seconds} s; run \`hopcount doctor\``,
  );
  return done;
}
