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
    environment: {},
    now: () => 0,
  };
  const code = await runProgram(commands, line.split(' ').filter(Boolean), terminal);
  return { code, printed: printed.join('\n'), notes: notes.join('\n') };
}

test('values are parsed and typed, defaults filled in', async () => {
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

describe('a wrong command line ends with 2 and names what is wrong', () => {
  test.each([
    ['', /replay {2,}Replays[\s\S]*links add/],
    ['relpay', /"relpay" is not a command; did you mean "replay"\?/],
    ['zzz', /there are replay, links/],
    ['constructor', /"constructor" is not a command/],
    ['links ad', /did you mean "links add"\?/],
    ['replay', /<log> is missing/],
    ['replay a b --page /ada', /"b" is one argument too many/],
    ['replay a', /--page is missing; it must be a page path/],
    ['replay a --page ada', /--page is "ada"; it must be a page path/],
    ['replay a --page /ada --speed 0', /--speed is "0"; it must be a number above 0/],
    ['replay a --page /ada --from yesterday', /--from is "yesterday"; it must be an ISO 8601 instant/],
    ['replay a --pgae /ada', /--pgae is not an option of this command; did you mean --page\?/],
    ['replay a --page', /--page/],
  ])('%s', async (line, expected) => {
    const { code, printed, notes } = await run(line);
    expect(code).toBe(2);
    expect(printed + notes).toMatch(expected);
  });
});

test('a command that fails ends with 1, its message and its cause', async () => {
  expect(await run('replay a --page /ada --dry')).toEqual({
    code: 1,
    printed: '',
    notes: 'hopcount: nothing to do\n  because disk full',
  });
});

test('help shows arguments, options and defaults', async () => {
  const { code, printed } = await run('links add --help');
  expect(code).toBe(0);
  expect(printed).toContain('npm run hopcount -- links add <log> --page </page> [--speed <n>]');
  expect(printed).toContain('limit (default 5)');
});

test('nearest forgives two slips, a swap and a cut word, and no more', () => {
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
