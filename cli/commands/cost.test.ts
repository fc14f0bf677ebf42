import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Terminal } from '#cli/command.ts';
import { commandsIn, runProgram } from '#cli/program.ts';

const folder = new URL('./', import.meta.url);
async function run(...words: string[]): Promise<string> {
  const printed: string[] = [];
  const terminal: Terminal = {
    stdin: Readable.from([]),
    print: (line) => printed.push(line),
    note: (line) => printed.push(line),
    progress: () => {},
    catchInterrupt: () => new AbortController().signal,
    environment: {},
    now: () => 0,
  };
  expect(await runProgram(await commandsIn(folder), words, terminal)).toBe(0);
  return printed.join('\n');
}

function document(name: string): Promise<string> {
  return readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
}

test('docs/costs.md shows what the command prints; after a change, paste it again', async () => {
  const indented = (await run('cost')).replaceAll(/^(?=.)/gm, '    ');
  expect(await document('costs.md')).toContain(indented);
});

test('README.md and the table of goals show the totals', async () => {
  const [, row = ''] = /^total +(.+)$/m.exec(await run('cost')) ?? [];
  const totals = row.split(/ +/);
  expect(await document('costs.md')).toContain(`| Hopcount, list prices | ${totals.join(' | ')} |`);
  expect(await document('../README.md')).toContain(
    `| total | ${totals.map((total) => `$${Math.round(Number(total))}`).join(' | ')} |`,
  );
});

test('your own number stands among the usual ones, once', async () => {
  const [head = ''] = (await run('cost', '--clicks', '3000000')).split('\n');
  expect(head.trim().split(/ {2,}/).slice(1)).toEqual(['idle', '1 M', '3 M', '10 M', '100 M']);
  const [usual = ''] = (await run('cost', '--clicks', '1_000_000')).split('\n');
  expect(usual.trim().split(/ {2,}/)).toHaveLength(5);
});

test('--json gives one object per number of clicks, --prices every price', async () => {
  const lines = (await run('cost', '--json')).split('\n').map((line): unknown => JSON.parse(line));
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatchObject({ region: 'us-east-1', workload: { clicksPerMonth: 0, viewers: 0 } });
  expect(await run('cost', '--prices')).toContain('SQS requests of up to 64 KB');
});

test('every command has its heading in docs/cli.md', async () => {
  const text = await document('cli.md');
  const names = Object.keys(await commandsIn(folder));
  expect(names.filter((name) => !text.includes(`\n## ${name}\n`))).toEqual([]);
});
