import { dayLength, hourLength } from '#core/time.ts';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { createLogLines } from '#stores/aws/cloudwatch-request-lines.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { describeFull } from '#core/links/link-code.ts';
import { checkLink, type LinkContext } from '#core/links/new-link.ts';
import type { LinkInput } from '#schemas/catalog.ts';
import { codeOfLinkId } from '#schemas/catalog-rules.ts';
import { outcomes } from '#schemas/event.ts';
import { refusedMessage } from '#schemas/log-lines.ts';
import { entityKeys } from '#schemas/counters.ts';
import { defineCommand, type Terminal } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { ensurePage, linksOfPage, openCatalog } from '#cli/links/catalog.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { settleAndPrint } from '#cli/lake/settle.ts';
import { waitUntilIdle } from '#cli/local-api.ts';
import {
  flag,
  type Kind,
  optional,
  optionalWith,
  pagePath,
  positiveNumber,
  required,
  text,
  webAddress,
  wholeNumber,
} from '#cli/parameters.ts';
import { type Ledger, ledgerSince, sumLedger } from '#cli/replay/ledger.ts';
import { type LogFile, openLog } from '#cli/replay/log-file.ts';
import { overviewUrl } from '#cli/replay/overview-url.ts';
import type { PathLink } from '#cli/replay/path-link.ts';
import { openPosition, type ReplayPosition } from '#cli/replay/position.ts';
import { count, printSurvey } from '#cli/replay/print-survey.ts';
import { listedLines } from '#cli/replay/refused-lines.ts';
import {
  finishReceived,
  type ReceivedRequests,
  type ReplayReport,
  replayLog,
  requestKey,
  sleepUnless,
  type Survey,
  surveyLog,
} from '#cli/replay/replay-log.ts';
import { retryRefused } from '#cli/replay/retry-refused.ts';
import { createSender } from '#cli/replay/send-request.ts';
import { findStack, localFolder, ownLinksOf, type Stack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';

const drainTimeoutMs = 300_000;

const columnNames: Kind<readonly string[]> = {
  hint: '<names>',
  allowed: 'names of the W3C extended format with commas, such as timestamp,c-ip,cs-method,cs-uri-stem',
  parse: (value) => {
    const names = value.split(',').map((name) => name.trim());
    return names.length > 1 && names.every((name) => /^[A-Za-z0-9()_-]{1,64}$/.test(name)) ? names : undefined;
  },
};

export const command = defineCommand({
  summary: 'Send the requests of an access log through the local stack',
  details: `Creates a link for each distinct path, sends every line as a request with its method, user agent, referrer, query, address
and time, waits until all are counted, prints the ledger, settles the hours that are over, and names the view to open. Reads the
logs of nginx, Apache, CloudFront, Amazon S3, load balancers, Caddy, IIS and Cloudflare, also packed with gzip, whatever the
file is called (docs/imports.md). First it prints which fields the log has, and each refused line with its reason. Start the stack
with \`npm start -- --allow-replay\`. A request that the overloaded edge refuses is sent again, up to six times. After an
interruption the same command continues. Exits with 3 if it is to be continued, with 1 if a request was lost.`,
  arguments: { 'access-log': required(text('<file>'), 'log of a server') },
  options: {
    page: required(pagePath, 'page that owns the links; created in UTC if it does not exist'),
    speed: optional(positiveNumber, 'multiple of the original speed (default: as fast as responses arrive)'),
    base: optionalWith(webAddress, 'https://example.com', 'site that the links point to'),
    concurrency: optionalWith(wholeNumber(1, 512), 16, 'concurrent requests'),
    host: optional(text('<host>'), 'replay the requests of this host alone'),
    columns: optional(columnNames, 'columns of a log that does not name them, in the order of the file'),
    'dry-run': flag('report what would be sent, and send nothing'),
  },
  run: async (values, terminal) => {
    const { 'access-log': file, page, concurrency, speed, columns } = values;
    const log = await openLog(file, { columns, host: values.host?.toLowerCase(), now: terminal.now });
    const survey = await surveyLog(log.lines(), page, values.base);
    printSurvey(terminal, file, log.format, survey);
    if (survey.links.size === 0) throw new CommandFailed(`no line of ${file} can be sent`);
    if (values['dry-run']) return survey.refused.count > 0 ? 1 : 0;
    const stack = await findStack(values.stack, terminal);
    requireReplay(stack);
    const created = await createLinks(stack, page, survey.links.values(), terminal.now());
    terminal.print(`${page}: ${count(survey.links.size)} links, ${count(created)} of them new`);
    const interrupted = terminal.catchInterrupt();
    const position = openPosition({ folder: localFolder(terminal.environment), log: file, page, now: terminal.now });
    await continuePosition(stack, { log, links: survey.links, position, terminal });
    const before = await settledLedger(stack, page, survey, terminal.now);
    const { send, close } = createSender(stack.url, concurrency);
    const start = terminal.now();
    const report = await replayLog(log.lines(), {
      links: survey.links,
      send: retryRefused(send, {
        sleep: (milliseconds) => sleepUnless(interrupted, milliseconds),
        random: Math.random,
        interrupted,
      }),
      position,
      concurrency,
      speed,
      now: terminal.now,
      onLine: (done) => {
        if (done % 50 === 0) terminal.progress(formatProgress(done, survey.lines));
      },
      interrupted,
    });
    close();
    position.close(report.atEnd);
    terminal.progress('');
    printReport(terminal, report, (terminal.now() - start) / 1000);
    const after = await settledLedger(stack, page, survey, terminal.now);
    const ledger = ledgerSince(before, after);
    printLedger(terminal, page, ledger);
    const code = checkReplay(terminal, { report, ledger, position, survey });
    const settled = report.atEnd ? await settleLog(stack, survey, terminal) : 0;
    const { path, timeZone } = (await openCatalog(stack).getPage(page)) ?? { path: page, timeZone: 'UTC' };
    terminal.print(`\nopen ${overviewUrl(stack.url, { path, timeZone }, survey)}`);
    return code === 0 ? settled : code;
  },
});

/** Settles the hours of the log that are over, so that lists of settled dates are shown. Returns the exit code. */
async function settleLog(stack: Stack, { last }: Survey, terminal: Terminal): Promise<number> {
  const end = Math.min(terminal.now(), last + hourLength);
  return settleAndPrint(stack, { through: new Date(end).toISOString() }, terminal);
}

function requireReplay(stack: Stack): void {
  if (!stack.local)
    throw new CommandFailed(
      `\`--stack\` must be \`local\`; got \`${stack.name}\`: a deployed edge ignores the addresses and times of a log`,
    );
  if (!stack.allowReplay)
    throw new CommandFailed(
      'the local stack does not accept replayed requests; restart it with `npm start -- --allow-replay`',
    );
}

/** Creates the links that don't exist, and returns their number. Links of an earlier replay keep their changes. */
async function createLinks(stack: Stack, page: string, links: Iterable<PathLink>, now: number): Promise<number> {
  const catalog = openCatalog(stack);
  await ensurePage(catalog, page, now);
  const known = new Set<string>();
  for await (const link of linksOfPage(catalog, page)) known.add(link.code);
  const missing = [...links]
    .filter(({ code }) => !known.has(code))
    .map((link) => toLink(link, { now, ...ownLinksOf(stack) }));
  const { written, busy, full } = await catalog.importLinks(missing);
  if (full.length > 0) throw new CommandFailed(describeFull(page));
  if (busy.length > 0)
    throw new CommandFailed(`${busy.length} links could not be created, and no request was sent; try again`);
  return written;
}

// Unlisted: a link page is not useful with a thousand paths.
function toLink(link: PathLink, context: LinkContext): LinkInput {
  const check = checkLink({ ...link, listed: false }, context);
  if (check.kind === 'refused') throw new CommandFailed(check.problems.map(({ message }) => message).join('; '));
  return check.link;
}

/** Waits until every event is counted, counts the edge's log, and reads the ledger. */
async function settledLedger(stack: Stack, page: string, survey: Survey, now: () => number): Promise<Ledger> {
  await waitUntilIdle(stack, now, now() + drainTimeoutMs);
  const receipts = { time: new Date(now()).toISOString(), includeOpen: true };
  await invokeFunction(stack, 'ReceiptsFunction', receipts, z.unknown());
  return readLedger(stack, page, survey, now);
}

/** Reads the page's ledger for the days of the log, plus a day on either side for the time zone. */
async function readLedger(stack: Stack, page: string, { first, last }: Survey, now: () => number): Promise<Ledger> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const reader = createRollupReader({ client, table: stack.outputs.RollupsTable, now });
  function date(at: number): string {
    return new Date(at).toISOString().slice(0, 10);
  }
  const hours = await reader.hours(entityKeys.page(page), date(first - dayLength), date(last + dayLength));
  client.destroy();
  return sumLedger(hours);
}

interface Continued {
  log: LogFile;
  links: Survey['links'];
  position: ReplayPosition;
  terminal: Terminal;
}

/** Says where an interrupted replay continues, after a look at which of its open requests were received. */
async function continuePosition(stack: Stack, { log, links, position, terminal }: Continued): Promise<void> {
  if (position.open().size > 0) {
    const received = await readReceived(stack, position.startedAt(), terminal.now());
    await finishReceived(log.lines(), { links, position, received });
  }
  if (position.next() === 1) return;
  const again =
    position.open().size > 0 ? `, and sends ${count(position.open().size)} before it that were not counted` : '';
  terminal.print(`continues at line ${count(position.next())}${again}; to start over, delete ${position.file}`);
}

/** Reads from the edge's log which requests it has received since a time. */
async function readReceived(stack: Stack, start: number, now: number): Promise<ReceivedRequests> {
  const client = new CloudWatchLogsClient(stack.clientOptions('logs'));
  const lines = createLogLines({ client, groups: [stack.outputs.RedirectLogGroup], now: () => now });
  const received: ReceivedRequests = new Map();
  for await (const line of lines.requests({ start, end: now + 1 }, now + 1)) {
    const key = requestKey(codeOfLinkId(line.link ?? ''), line.at);
    received.set(key, (received.get(key) ?? 0) + (line.message === refusedMessage ? line.count : 1));
  }
  client.destroy();
  return received;
}

function formatProgress(done: number, all: number): string {
  const width = 30;
  const filled = Math.round((done / all) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${count(done)} of ${count(all)} lines`;
}

function printReport(terminal: Terminal, report: ReplayReport, seconds: number): void {
  terminal.print(
    `sent ${count(report.answered)} in ${seconds.toFixed(1)} s, ${count(Math.round(report.answered / seconds))} a second`,
  );
  for (const [status, answers] of [...report.statuses].sort(([a], [b]) => a - b))
    terminal.print(`  ${status}  ${count(answers)}`);
  if (report.changed > 0)
    terminal.note(
      `${count(report.changed)} lines are new: the log has changed since its links were created; replay it again`,
    );
  const refusals = [...Map.groupBy(report.refused, ({ reason }) => reason)];
  const byStatus = refusals.map(([reason, lines]) => `${reason} ${count(lines.length)} times`).join(', ');
  printLines(terminal, `refused and not counted (${byStatus}):`, report.refused);
  printLines(terminal, 'no response:', report.unanswered);
}

function printLines(terminal: Terminal, title: string, lines: ReplayReport['refused']): void {
  if (lines.length === 0) return;
  terminal.print(`${title} ${count(lines.length)}`);
  for (const { line, reason } of lines.slice(0, listedLines)) terminal.print(`  line ${line}: ${reason}`);
  if (lines.length > listedLines) terminal.print(`  and ${count(lines.length - listedLines)} more`);
}

function printLedger(terminal: Terminal, page: string, ledger: Ledger): void {
  const reasons = outcomes.filter((outcome) => outcome === 'counted' || ledger.outcomes[outcome] !== 0);
  const rows = [
    ['received', count(ledger.received)],
    ...reasons.map((outcome) => [outcome, count(ledger.outcomes[outcome])]),
    ...Object.entries(ledger.notKept)
      .filter(([, requests]) => requests > 0)
      .map(([rule, requests]) => [`  ${rule}, not kept one by one`, count(requests)]),
    ['lost', count(ledger.lost)],
    ...(ledger.surplus > 0 ? [['counted twice so far', count(ledger.surplus)]] : []),
  ];
  terminal.print(`\n${table([`ledger of ${page}`, 'this replay'], rows)}`);
}

interface Replayed {
  report: ReplayReport;
  ledger: Ledger;
  position: ReplayPosition;
  survey: Survey;
}

/** Reports requests that are not accounted for, and returns the exit code. */
function checkReplay(terminal: Terminal, { report, ledger, position, survey }: Replayed): number {
  if (ledger.lost !== 0) terminal.note(`${ledger.lost} requests have no outcome; see "lost" in docs/runbook.md`);
  if (ledger.received !== report.answered)
    terminal.note(`${report.answered} requests got a response, but the edge received ${ledger.received}`);
  if (!report.atEnd) terminal.note(`stopped before line ${count(position.next())} of ${count(survey.lines)}`);
  const open = position.open().size;
  if (open > 0)
    terminal.note(`${count(open)} requests were not counted, because the edge refused them or did not respond`);
  if (!report.atEnd || open > 0) {
    terminal.note('run the same command again to send what is missing, and nothing twice');
    return 3;
  }
  return ledger.lost !== 0 || ledger.received !== report.answered ? 1 : 0;
}
