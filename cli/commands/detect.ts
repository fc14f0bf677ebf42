import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
import { alertJobs, runRecordSchema } from '#schemas/alerts.ts';
import { defineCommand } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { instant, oneOf, optional, optionalWith } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

export const command = defineCommand({
  summary: 'Run a job that looks at the pages now, or as of a moment that passed',
  details: `daily evaluates the local days that settled since its last run and sends what is due, hourly looks at the last complete
hour, forecast and digest do what their names say. Each takes the instant for now: what settled later is not looked at, and
what was evaluated or sent before is not evaluated or sent again.`,
  options: {
    at: optional(instant, 'the instant that the job takes for now (default: now)'),
    job: optionalWith(oneOf(alertJobs), 'daily', 'which job'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const client = new LambdaClient(stack.clientOptions('lambda'));
    const time = new Date(values.at ?? terminal.now()).toISOString();
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({
        FunctionName: stack.outputs.AlertsFunction,
        Payload: JSON.stringify({ job: values.job, time }),
      }),
    );
    client.destroy();
    const answer = Buffer.from(Payload ?? []).toString();
    if (FunctionError) throw new CommandFailed(`the ${values.job} job failed: ${answer || FunctionError}`);
    const { pages, evaluated, alerts, recoveries, mails, skipped, queries, dollars } = runRecordSchema.parse(
      JSON.parse(answer),
    );
    terminal.print(`${time}: ${pages} pages, ${evaluated} evaluations, ${alerts} alerts, ${recoveries} recoveries`);
    terminal.print(`${mails} mails sent; ${queries} queries for $${dollars.toFixed(5)}`);
    for (const [reason, times] of Object.entries(skipped).toSorted(([, a], [, b]) => b - a))
      terminal.print(`  skipped ${times}: ${reason}`);
    return 0;
  },
});
