import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command, Terminal } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { askAlarmEmail } from '#cli/preflight/alarm-email.ts';
import { adoptOption, ignoreFlag, parseDeployArguments } from '#cli/preflight/deploy-arguments.ts';
import type { Preflight } from '#cli/preflight/run-preflight.ts';

const help = `Run the preflight, then \`cdk deploy\` with these arguments

  npm run deploy -- [${ignoreFlag}] [${adoptOption} <id of a removed stack>] [arguments of \`cdk deploy\`]

  ${ignoreFlag}  deploy even if the preflight finds that it would fail
  ${adoptOption} <id>        instead of deploying, create the stack around what a removed one has kept

It deploys the stack of cdk.json unless you name others; --stack has no effect. Before the first deployment, it asks who
should get the alarms if alarmEmail is not set.`;

export const command: Command = {
  kind: 'command',
  summary: 'Run the preflight, then `cdk deploy`',
  help: () => help,
  run: async (_, words, terminal) => {
    if (words.includes('--help') || words.includes('-h')) {
      terminal.print(help);
      return 0;
    }
    const { cdk, context, profile, region, ignorePreflight, adopt, namesStacks } = parseDeployArguments(words);
    // The clients of the preflight read it, as CDK does.
    if (profile !== undefined) process.env['AWS_PROFILE'] = profile;
    const { runPreflight } = await import('#cli/preflight/run-preflight.ts');
    const settings = adopt === undefined ? context : [...context, 'adopt=true'];
    const preflight = await runPreflight({ context: settings, region }, terminal);
    const { configuration, first, blocked } = preflight;
    if (blocked && !ignorePreflight) {
      terminal.note(
        `Not deployed. Fix what is marked with ✗, or deploy anyway with \`npm run deploy -- ${ignoreFlag}\`.`,
      );
      return 1;
    }
    if (adopt !== undefined) return importKept({ stackId: adopt, preflight, cdk }, terminal);
    if (configuration.adopt) throw new CommandFailed(`remove \`adopt\` from the settings: ${adoptOption} sets it`);
    if (first && configuration.alarmEmail === undefined && isInteractive(terminal.stdin))
      await askAlarmEmail(terminal, 'cdk.json');
    // With the stack of a certificate or a web ACL, CDK would ask which one.
    return runCdk(['deploy', ...(namesStacks ? [] : [configuration.stackName]), ...cdk]);
  },
};

interface Adoption {
  stackId: string;
  preflight: Preflight;
  cdk: readonly string[];
}

/** Creates the stack with only what the removed one has kept: an import may not create anything. */
async function importKept({ stackId, preflight, cdk }: Adoption, terminal: Terminal): Promise<number> {
  const { stackName } = preflight.configuration;
  if (!preflight.first)
    throw new CommandFailed(`${stackName} exists: only a new stack can adopt what another has kept`);
  const { readKeptResources } = await import('#cli/preflight/kept-resources.ts');
  const { mapping, refused } = await readKeptResources(stackId);
  for (const type of refused)
    terminal.note(`CloudFormation cannot import ${type} here: see "Adopting kept data" in docs/runbook.md.`);
  const options = ['-c', 'adopt=true', '--resource-mapping-inline', JSON.stringify(mapping)];
  const code = await runCdk(['import', stackName, ...cdk, ...options]);
  if (code === 0) terminal.note('Now create the rest: `npm run deploy`.');
  return code;
}

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
