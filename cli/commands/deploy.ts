import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command, Terminal } from '#cli/command.ts';
import { askAlarmEmail } from '#cli/preflight/alarm-email.ts';
import { ignoreFlag, parseDeployArguments } from '#cli/preflight/deploy-arguments.ts';

const help = `Run the preflight, then \`cdk deploy\` with these arguments

  npm run deploy -- [${ignoreFlag}] [arguments of \`cdk deploy\`]

  ${ignoreFlag}  deploy even if the preflight finds that it would fail

The stack is that of cdk.json, so --stack has no effect. Before the first deployment, it asks who should get the alarms if
alarmEmail is not set.`;

export const command: Command = {
  kind: 'command',
  summary: 'Run the preflight, then `cdk deploy`',
  help: () => help,
  run: async (_, words, terminal) => {
    if (words.includes('--help') || words.includes('-h')) {
      terminal.print(help);
      return 0;
    }
    const { cdk, context, profile, region, ignorePreflight } = parseDeployArguments(words);
    // The clients of the preflight read it, as CDK does.
    if (profile !== undefined) process.env['AWS_PROFILE'] = profile;
    const { runPreflight } = await import('#cli/preflight/run-preflight.ts');
    const { configuration, first, blocked } = await runPreflight({ context, region }, terminal);
    if (blocked && !ignorePreflight) {
      terminal.note(
        `Not deployed. Fix what is marked with ✗, or deploy anyway with \`npm run deploy -- ${ignoreFlag}\`.`,
      );
      return 1;
    }
    if (first && configuration.alarmEmail === undefined && isInteractive(terminal.stdin))
      await askAlarmEmail(terminal, 'cdk.json');
    return runCdk(['deploy', ...cdk]);
  },
};

function isInteractive(stdin: Terminal['stdin']): boolean {
  return 'isTTY' in stdin && stdin.isTTY === true;
}

/** Runs the CDK CLI in this terminal, and returns its exit code. */
async function runCdk(words: readonly string[]): Promise<number> {
  const program = fileURLToPath(import.meta.resolve('aws-cdk/bin/cdk'));
  const child = spawn(process.execPath, [program, ...words], { stdio: 'inherit' });
  const [code]: unknown[] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}
