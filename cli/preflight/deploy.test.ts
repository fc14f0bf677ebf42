import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import type { Terminal } from '#cli/command.ts';
import { parseConfiguration } from '#lib/configuration.ts';
import settings from '../../cdk.json' with { type: 'json' };
import { askAlarmEmail } from './alarm-email.ts';
import { parseDeployArguments } from './deploy-arguments.ts';

it.each([
  [[], false],
  [['-c', 'a=1', '--profile', 'work', '--region=eu-central-1', '--require-approval', 'never', '--force'], false],
  [['--ignore-preflight', '--adopt', 'arn:aws:x'], false],
  [['*-Certificate'], true],
  [['-c', 'a=1', 'Hopcount'], true],
  [['--all'], true],
  // CDK knows whether this is a value, and asks if it must.
  [['--outputs-file', 'outputs.json'], true],
])('%j names stacks: %s', (words, named) => {
  expect(parseDeployArguments(words).namesStacks).toBe(named);
});

it('passes every argument but our own to CDK, and reads those that change the account, the region or a setting', () => {
  const words = ['Hopcount', '--ignore-preflight', '-c', 'a=1', '--context', 'b=x=y', '-c=c=3', '--context=d=4'];
  const more = ['--profile', 'work', '--region=eu-central-1', '--require-approval', 'never'];
  expect(parseDeployArguments([...words, ...more])).toEqual({
    cdk: ['Hopcount', ...words.slice(2), ...more],
    context: ['a=1', 'b=x=y', 'c=3', 'd=4'],
    profile: 'work',
    region: 'eu-central-1',
    namesStacks: true,
    ignorePreflight: true,
  });
  expect(parseDeployArguments(['-c'])).toMatchObject({ cdk: ['-c'], context: [], ignorePreflight: false });
  for (const own of [['--adopt', 'arn:aws:x'], ['--adopt=arn:aws:x']])
    expect(parseDeployArguments([...own, '-c', 'a=1'])).toMatchObject({
      cdk: ['-c', 'a=1'],
      context: ['a=1'],
      adopt: 'arn:aws:x',
    });
});

async function answer(line: string, change = (text: string) => text): Promise<{ file: string; before: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hopcount-settings-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'cdk.json');
  const before = change(await readFile('cdk.json', 'utf8'));
  await writeFile(file, before);
  const terminal: Pick<Terminal, 'note' | 'stdin'> = { note: () => {}, stdin: Readable.from([line]) };
  await askAlarmEmail(terminal, file);
  return { file, before };
}

it('writes who gets the alarms to the settings, and changes nothing else', async () => {
  const { file } = await answer('owner@example.com\n');
  const { context, ...rest }: typeof settings = JSON.parse(await readFile(file, 'utf8'));
  expect(parseConfiguration(context).alarmEmail).toBe('owner@example.com');
  expect({ ...rest, context: { ...context, alarmEmail: undefined } }).toEqual({
    ...settings,
    context: { ...settings.context, alarmEmail: undefined },
  });
});

it('keeps the line ends of the settings, and says when it found none', async () => {
  const { file } = await answer('owner@example.com\n', (text) => text.replaceAll('\n', '\r\n'));
  const written = await readFile(file, 'utf8');
  expect(written).toContain('\r\n    "alarmEmail": "owner@example.com",\r\n');
  expect(written.replaceAll('\r\n', '')).not.toContain('\n');
  await expect(answer('owner@example.com\n', () => '{}')).rejects.toThrow('has no "context": { to write to');
});

it('writes nothing for an empty answer, and refuses what is no address', async () => {
  const { file, before } = await answer('\n');
  expect(await readFile(file, 'utf8')).toBe(before);
  await expect(answer('nobody\n')).rejects.toThrow('`nobody` is not an e-mail address');
});

/** Runs `npm run deploy` where AWS cannot be reached. */
async function deploy(...words: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn('npm', ['run', '-s', 'deploy', '--', ...words], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-central-1',
    },
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, output: output + errors };
}

it('does not start CDK if the deployment would fail, unless told to', async () => {
  const refused = await deploy('--version');
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('✗ credentials') });
  expect(refused.output).toContain('Not deployed');
  expect(refused.output).not.toMatch(/\(build /);
  const { code, output } = await deploy('--ignore-preflight', '--version');
  expect(output).toMatch(/\d+\.\d+\.\d+ \(build \w+\)/);
  expect(code).toBe(0);
});
