import { alertJobs, runRecordSchema } from '#schemas/alerts.ts';
import { defineCommand } from '#cli/command.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { instant, oneOf, optional, optionalWith } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Run a detection job now, or as of a past time',
  details: `daily evaluates the local days that settled since its last run and sends mails that are due; hourly evaluates the last
complete hour; forecast updates the forecasts; digest sends the weekly and monthly summaries. With --at, a job ignores what settled
later. No job evaluates a day or sends a mail twice.`,
  options: {
    at: optional(instant, 'the time to run as of (default: now)'),
    job: optionalWith(oneOf(alertJobs), 'daily', 'the job to run'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const time = new Date(values.at ?? terminal.now()).toISOString();
    const record = await invokeFunction(stack, 'AlertsFunction', { job: values.job, time }, runRecordSchema);
    const { pages, evaluated, alerts, recoveries, mails, skipped, queries, dollars } = record;
    terminal.print(`${time}: ${pages} pages, ${evaluated} evaluations, ${alerts} alerts, ${recoveries} recoveries`);
    terminal.print(`${mails} mails sent, ${queries} queries ($${dollars.toFixed(5)})`);
    for (const [reason, times] of Object.entries(skipped).toSorted(([, a], [, b]) => b - a))
      terminal.print(`  skipped ${times}: ${reason}`);
    return 0;
  },
});
