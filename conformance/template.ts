/**
 * Checks the synthesized templates with cfn-lint, and creates each in MiniStack, an independent implementation of
 * CloudFormation. Prints one line per template and check; exits with 1 if there is a finding.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { synthesize } from '../test/infra/synthesize.ts';
import { variants } from '../test/infra/variants.ts';
import { emulators, startEmulator } from './emulator.ts';
import { runCheck } from './missing-tool.ts';
import { installPython } from './python.ts';
import { type CreatedStack, createStack } from './template/create-stack.ts';

const linter = 'cfn-lint==1.58.0';

const regions = ['us-east-1', 'eu-central-1', 'ap-southeast-1'];

/** W3005: a DependsOn that a reference implies. CDK adds one for the role of each function. */
const ignored = ['W3005'];

await runCheck(check);

async function check(): Promise<number> {
  const commands = installPython(linter);
  let problems = 0;
  for (const [variant, settings] of Object.entries(variants))
    for (const [stack, text] of Object.entries(synthesize(settings).texts)) {
      const name = `${stack}, ${variant}`;
      problems += print(`${linter}: ${name}`, lint(commands, text), '');
      const { findings, summary } = await createInNewAccount(text);
      problems += print(`${emulators.ministack.requirement}: ${name}`, findings, summary);
    }
  return problems;
}

/** Creates the stack alone: what a stack retains after its deletion has fixed names in part. */
async function createInNewAccount(text: string): Promise<CreatedStack> {
  const engine = await startEmulator('ministack');
  try {
    return await createStack(engine.endpoint, text);
  } finally {
    engine.stop();
  }
}

function print(name: string, findings: readonly string[], summary: string): number {
  console.log(`${findings.length === 0 ? '✓' : '✗'} ${name}${summary}`);
  for (const finding of findings) console.log(`  ${finding}`);
  return findings.length;
}

/** Returns the findings of cfn-lint, including warnings. */
function lint(commands: string, text: string): string[] {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-template-'));
  try {
    const file = path.join(directory, 'template.json');
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(
      path.join(commands, 'cfn-lint'),
      ['--format', 'parseable', '--ignore-checks', ...ignored, '--regions', ...regions, '--template', file],
      { encoding: 'utf8' },
    );
    if (status === null || stderr !== '') throw new Error(`cfn-lint failed: ${stderr}`);
    return stdout.split('\n').filter((line) => line !== '');
  } finally {
    rmSync(directory, { recursive: true });
  }
}
