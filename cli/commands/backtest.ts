import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { backtestReport } from '#core/alerts/backtest-report.ts';
import { lastEndedDate, localDays } from '#core/alerts/local-days.ts';
import { pageHistory, trafficCounts } from '#core/alerts/page-history.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { defaultAlerts, sensitivities } from '#schemas/alerts.ts';
import { entityKeys } from '#schemas/counters.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { createRollupReader } from '#stores/counters/rollups.ts';
import { defineCommand } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { openCatalog } from '#cli/links/catalog.ts';
import { oneOf, optional, optionalWith, pagePath, required, wholeNumber } from '#cli/parameters.ts';
import { findStack, type Stack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';

/** Days before the first evaluated one, that teach. */
const teachingDays = 105;

export const command = defineCommand({
  summary: 'What the alerts of a page would have told in the days that passed',
  details: `Walks the settled days of the page forward, each evaluated from the days before it alone, with the page's own sensitivity and
what its answers to mails have taught. The classic rule, which compares with the 14-day average, stands beside it.`,
  arguments: { page: required(pagePath, 'whose days') },
  options: {
    days: optionalWith(wholeNumber(1, 365), 90, 'how many'),
    sensitivity: optional(oneOf(sensitivities), "instead of the page's own"),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const { history, through, alerts, threshold } = await readPage(stack, values.page, values.days, terminal.now);
    const sensitivity = values.sensitivity ?? alerts.sensitivity;
    const report = backtestReport(trafficCounts(history), { sensitivity, threshold }, through, values.days);
    terminal.print(
      `${values.page}: with "${sensitivity}" you would have had ${alertsWord(report.incidents.length)} in ${report.days} days through ${through} (${report.evaluated} could be evaluated); the classic rule, ${alertsWord(report.classic.length)}`,
    );
    if (report.incidents.length === 0) return 0;
    terminal.print(
      table(
        ['from', 'to', 'what', history.unit, 'expected'],
        report.incidents.map(({ from, to, direction, actual, expected }) => [
          from,
          to,
          direction,
          String(actual),
          expected.toFixed(0),
        ]),
      ),
    );
    return 0;
  },
});

/** Settled days of a page, and the last of them. */
async function readPage(stack: Stack, path: string, days: number, now: () => number) {
  const page = await openCatalog(stack).getPage(path);
  if (!page) throw new CommandFailed(`there is no page ${path}`);
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const rollups = stack.outputs.RollupsTable;
  const settled = await createRollupReader({ client, table: rollups, now }).settledThrough();
  if (settled === undefined) throw new CommandFailed('nothing is settled yet: a backtest reads settled days');
  const through = lastEndedDate(page.timeZone, settled);
  const first = addDays(through, -(days + teachingDays));
  const counted = await createCountedHistory({ client, rollups }).months(
    entityKeys.page(path),
    monthsBetween(first, through),
  );
  const alerts = page.alerts ?? defaultAlerts;
  const states = await createAlerts({ client, table: stack.outputs.CatalogTable, now }).states([path]);
  client.destroy();
  const history = pageHistory({
    counted: counted.filter(({ date }) => date >= first && date <= through),
    days: localDays(page.timeZone, first, through),
    createdOn: localTimeOf(page.timeZone, Date.parse(page.createdAt)).date,
    silent: new Set(),
    badDays: alerts.badDays,
  });
  return { history, through, alerts, threshold: states.get(path)?.threshold ?? 1 };
}

function monthsBetween(first: string, last: string): string[] {
  const months = new Set<string>();
  for (let date = first; date <= last; date = addDays(date, 1)) months.add(date.slice(0, 7));
  return [...months];
}

function alertsWord(count: number): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? 'alert' : 'alerts'}`;
}
