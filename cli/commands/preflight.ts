import { defineCommand } from '#cli/command.ts';
import { repeated, text } from '#cli/parameters.ts';

export const command = defineCommand({
  summary: 'Check the AWS account before a deployment, and say what to set',
  details: `Reads the settings of cdk.json, and asks AWS with the credentials of your shell; --stack has no effect. It changes nothing.
\`npm run deploy\` runs it first. Exits with 1 if the deployment would fail.`,
  options: { context: repeated(text('<key=value>'), 'a setting instead of the one in cdk.json') },
  run: async ({ context }, terminal) => {
    // The list of commands loads this file, and should not wait for its twelve SDK clients.
    const { runPreflight } = await import('#cli/preflight/run-preflight.ts');
    const { blocked } = await runPreflight({ context }, terminal);
    return blocked ? 1 : 0;
  },
});
