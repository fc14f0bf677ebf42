import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { defineCommand, type Terminal } from './command.ts';
import { CommandFailed } from './errors.ts';
import { nearest } from './nearest.ts';
import { flag, instant, optional, optionalWith, pagePath, positiveNumber, required, text } from './parameters.ts';
import { commandsIn, type Load, runProgram } from './program.ts';

const seen: unknown[] = [];
const replay = defineCommand({
  summary: 'Replays',
  arguments: { log: required(text('<log>'), 'a log') },
  options: {
    page: required(pagePath, 'the page'),
    speed: optional(positiveNumber, 'pace'),
    from: optional(instant, 'start'),
    limit: optionalWith(positiveNumber, 5, 'limit'),
    dry: flag('nothing is sent'),
  },
  run: (values) => {
    seen.push(values);
    if (values.dry) throw new CommandFailed('nothing to do', { cause: new Error('disk full') });
    return Promise.resolve(0);
  },
});
const commands: Record<string, Load> = {
  replay: () => Promise.resolve(replay),
  links: () => Promise.resolve({ kind: 'group', summary: 'Links', commands: { add: replay, list: replay } } as const),
};

async function run(line: string) {
  const printed: string[] = [];
  const notes: string[] = [];
  const terminal: Terminal = {
    stdin: Readable.from([]),
    print: (shown) => printed.push(shown),
    note: (shown) => notes.push(shown),
    progress: () => {},
    catchInterrupt: () => new AbortController().signal,
    environment: {},
    now: () => 0,
  };
  const code = await runProgram(commands, line.split(' ').filter(Boolean), terminal);
  return { code, printed: printed.join('\n'), notes: notes.join('\n') };
}

test('values are parsed and defaults filled in', async () => {
  expect((await run('replay a.log --page /ada --speed 1_000 --from 2026-11-22T07:00:00+01:00')).code).toBe(0);
  expect(seen.at(-1)).toEqual({
    log: 'a.log',
    page: '/ada',
    speed: 1000,
    from: Date.UTC(2026, 10, 22, 6),
    limit: 5,
    dry: false,
    stack: 'local',
  });
});

describe('an invalid command line exits with 2 and names the problem', () => {
  test.each([
    ['', /replay {2,}Replays[\s\S]*links add/],
    ['relpay', /unknown command `relpay`; did you mean `replay`\?/],
    ['zzz', /the commands are replay, links/],
    ['constructor', /unknown command `constructor`/],
    ['links ad', /did you mean `links add`\?/],
    ['replay', /`<log>` is required/],
    ['replay a b --page /ada', /unexpected argument `b`/],
    ['replay a', /`--page` is required: a page path/],
    ['replay a --page ada', /`--page` must be a page path: .*; got `ada`/],
    ['replay a --page /ada --speed 0', /`--speed` must be a number greater than 0; got `0`/],
    ['replay a --page /ada --from yesterday', /`--from` must be an ISO 8601 date-time .*; got `yesterday`/],
    ['replay a --pgae /ada', /unknown option `--pgae`; did you mean `--page`\?/],
    ['replay a --page', /--page/],
  ])('%s', async (line, expected) => {
    const { code, printed, notes } = await run(line);
    expect(code).toBe(2);
    expect(printed + notes).toMatch(expected);
  });
});

test('a failed command exits with 1 and prints message and cause', async () => {
  expect(await run('replay a --page /ada --dry')).toEqual({
    code: 1,
    printed: '',
    notes: 'hopcount: nothing to do\n  caused by: disk full',
  });
});

test('help shows arguments, options and defaults', async () => {
  const { code, printed } = await run('links add --help');
  expect(code).toBe(0);
  expect(printed).toContain('npm run hopcount -- links add <log> --page </page> [--speed <n>]');
  expect(printed).toContain('limit (default 5)');
});

test('nearest accepts two edits, a swap and a prefix', () => {
  expect(nearest('doctro', ['doctor', 'cost'])).toBe('doctor');
  expect(nearest('expl', ['explain', 'export'])).toBe('explain');
  expect(nearest('xyz', ['doctor', 'cost'])).toBeUndefined();
});

test('every file of cli/commands is a command with a summary and help', async () => {
  for (const [name, load] of Object.entries(await commandsIn(new URL('./commands/', import.meta.url)))) {
    const entry = await load();
    const all = entry.kind === 'group' ? Object.entries(entry.commands) : [[name, entry] as const];
    for (const [word, command] of all) {
      expect(command.summary).not.toBe('');
      expect(command.help(word)).toContain('--stack');
    }
  }
});
