import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { backtestHours, firstHourDate } from '#core/alerts/backtest-hours.ts';
import { backtestReport } from '#core/alerts/backtest-report.ts';
import { localDays } from '#core/alerts/local-days.ts';
import { lastEndedDate } from '#core/ledger/time-range.ts';
import { pageHistory, trafficCounts } from '#core/alerts/page-history.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { defaultAlerts, sensitivities } from '#schemas/alerts.ts';
import { entityKeys } from '#schemas/counters.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { createStatsStore } from '#stores/counters/stats.ts';
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
alerts. Compares the result with the classic rule: a fixed number of deviations from the 14-day average. On a page whose hours are
steady, lists the alerts of hourly detection about three hours, too.`,
  arguments: { page: required(pagePath, 'the page') },
  options: {
    days: optionalWith(wholeNumber(1, 365), 90, 'number of days'),
    sensitivity: optional(oneOf(sensitivities), "default: the page's setting"),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const { history, hours, through, alerts, threshold } = await readPage(
      stack,
      values.page,
      values.days,
      terminal.now,
    );
    const sensitivity = values.sensitivity ?? alerts.sensitivity;
    const report = backtestReport(trafficCounts(history), { sensitivity, threshold }, through, values.days);
    terminal.print(
      `${values.page}: ${countAlerts(report.incidents.length)} at sensitivity ${sensitivity} in the ${report.days} days through ${through} (${report.evaluated} evaluated); ${countAlerts(report.classic.length)} by the classic rule`,
    );
    if (report.incidents.length > 0) terminal.print(incidentTable(report.incidents, history.unit));
    const tested = { hours, unit: history.unit, badDays: alerts.badDays };
    const [hourly] = backtestHours(tested, [{ sensitivity, threshold }], values.days);
    if (!hourly) return 0;
    terminal.print(
      `${countAlerts(hourly.incidents.length)} about three hours in the ${hourly.days} days with enough hours`,
    );
    if (hourly.incidents.length > 0) terminal.print(incidentTable(hourly.incidents, history.unit));
    return 0;
  },
});

interface ListedIncident {
  from: string;
  to: string;
  direction: string;
  actual: number;
  expected: number;
}

function incidentTable(incidents: readonly ListedIncident[], unit: string): string {
  return table(
    ['from', 'to', 'direction', unit, 'expected'],
    incidents.map(({ from, to, direction, actual, expected }) => [
      from,
      to,
      direction,
      String(actual),
      expected.toFixed(0),
    ]),
  );
}

/** Reads the settled days and hours of a page, the last of them, and the page's alert settings. */
async function readPage(stack: Stack, path: string, days: number, now: () => number) {
  const page = await openCatalog(stack).getPage(path);
  if (!page) throw new CommandFailed(`page \`${path}\` not found`);
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  const rollups = stack.outputs.RollupsTable;
  const stats = createStatsStore({ client, table: rollups, freshnessSeconds: 0, now });
  const settled = await stats.settledThrough();
  if (settled === undefined) throw new CommandFailed('no day is settled yet; a backtest needs settled days');
  const through = lastEndedDate(page.timeZone, settled);
  const first = addDays(through, -(days + baselineDays));
  const counted = await createCountedHistory({ client, rollups }).months(
    entityKeys.page(path),
    monthsBetween(first, through),
  );
  const hours = await stats.settledHoursOf(entityKeys.page(path), firstHourDate(through, days), through);
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
  return { history, hours, through, alerts, threshold: states.get(path)?.threshold ?? 1 };
}

function monthsBetween(first: string, last: string): string[] {
  const months = new Set<string>();
  for (let date = first; date <= last; date = addDays(date, 1)) months.add(date.slice(0, 7));
  return [...months];
}

function countAlerts(count: number): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? 'alert' : 'alerts'}`;
}
