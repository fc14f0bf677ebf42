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
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { defineCommand } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { openCatalog } from '#cli/links/catalog.ts';
import { oneOf, optional, optionalWith, pagePath, required, wholeNumber } from '#cli/parameters.ts';
import { findStack, type Stack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';

/** Days before the first evaluated one, for the baseline. */
const baselineDays = 105;

export const command = defineCommand({
  summary: 'List the alerts that the past days of a page would have raised',
  details: `Evaluates each settled day of the page from the days before it only, with the page's sensitivity and the feedback on its
alerts. Compares the result with the classic rule, a fixed distance from the 14-day average.`,
  arguments: { page: required(pagePath, 'the page') },
  options: {
    days: optionalWith(wholeNumber(1, 365), 90, 'number of days'),
    sensitivity: optional(oneOf(sensitivities), "default: the page's setting"),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const { history, through, alerts, threshold } = await readPage(stack, values.page, values.days, terminal.now);
    const sensitivity = values.sensitivity ?? alerts.sensitivity;
    const report = backtestReport(trafficCounts(history), { sensitivity, threshold }, through, values.days);
    terminal.print(
      `${values.page}: ${countAlerts(report.incidents.length)} at sensitivity ${sensitivity} in the ${report.days} days through ${through} (${report.evaluated} evaluated); ${countAlerts(report.classic.length)} by the classic rule`,
    );
    if (report.incidents.length === 0) return 0;
    terminal.print(
      table(
        ['from', 'to', 'direction', history.unit, 'expected'],
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

/** Reads the settled days of a page, the last of them, and the page's alert settings. */
async function readPage(stack: Stack, path: string, days: number, now: () => number) {
  const page = await openCatalog(stack).getPage(path);
  if (!page) throw new CommandFailed(`page \`${path}\` not found`);
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const rollups = stack.outputs.RollupsTable;
  const settled = await createRollupReader({ client, table: rollups, now }).settledThrough();
  if (settled === undefined) throw new CommandFailed('no day is settled yet; a backtest needs settled days');
  const through = lastEndedDate(page.timeZone, settled);
  const first = addDays(through, -(days + baselineDays));
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

function countAlerts(count: number): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? 'alert' : 'alerts'}`;
}
