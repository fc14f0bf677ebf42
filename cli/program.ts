import { readdir } from 'node:fs/promises';
import type { Command, CommandGroup, Terminal } from './command.ts';
import { UsageError } from './errors.ts';
import { nearest } from './nearest.ts';

export type Entry = Command | CommandGroup;
export type Load = () => Promise<Entry>;

/** Every file of the folder is a command of its name: `commands/replay.ts` is `hopcount replay`. */
export async function commandsIn(folder: URL): Promise<Record<string, Load>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).sort();
  return Object.fromEntries(
    files.map((file) => [
      file.slice(0, -3),
      async () => {
        const module: unknown = await import(new URL(file, folder).href);
        if (!isModule(module)) throw new TypeError(`cli/commands/${file} does not export "command"`);
        return module.command;
      },
    ]),
  );
}

function isModule(module: unknown): module is { command: Entry } {
  return typeof module === 'object' && module !== null && 'command' in module;
}

/** Runs one command line and gives the exit code: 0 done, 1 failed, 2 the command line is wrong. */
export async function runProgram(
  commands: Readonly<Record<string, Load>>,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await dispatch(commands, words, terminal);
  } catch (error) {
    terminal.note(`hopcount: ${describeError(error)}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Finds the command and runs it. @throws {UsageError} for a command that there is not */
async function dispatch(
  commands: Readonly<Record<string, Load>>,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.print(await overview(commands));
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) throw unknown(name, '', Object.keys(commands));
  const entry = await load();
  return entry.kind === 'group' ? runGroup(name, entry, rest, terminal) : entry.run(name, rest, terminal);
}

async function overview(commands: Readonly<Record<string, Load>>): Promise<string> {
  const entries = await Promise.all(Object.entries(commands).map(async ([name, load]) => rowsOf(name, await load())));
  return [
    'hopcount: link and page analytics in your own AWS account, and on this machine',
    '',
    '  npm run hopcount -- <command> [--stack <name|local>] [--help]',
    '',
    listOf(entries.flat()),
    '',
    'Without --stack a command speaks to the local stack of `npm start`; with it to the CloudFormation stack of that',
    'name, with the AWS credentials and the region of the shell.',
  ].join('\n');
}

function rowsOf(name: string, entry: Entry): (readonly [string, string])[] {
  return entry.kind === 'command'
    ? [[name, entry.summary]]
    : Object.entries(entry.commands).map(([word, command]) => [`${name} ${word}`, command.summary]);
}

function listOf(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
}

function unknown(typed: string, prefix: string, known: readonly string[]): UsageError {
  const meant = nearest(typed, known);
  const advice = meant ? `did you mean "${prefix}${meant}"?` : `there are ${known.join(', ')}`;
  return new UsageError(`"${prefix}${typed}" is not a command; ${advice}`);
}

function runGroup(name: string, group: CommandGroup, words: readonly string[], terminal: Terminal) {
  const [word, ...rest] = words;
  if (word === undefined || word === '--help' || word === '-h') {
    terminal.print(`${group.summary}\n\n${listOf(rowsOf(name, group))}`);
    return Promise.resolve(word === undefined ? 2 : 0);
  }
  const command = Object.hasOwn(group.commands, word) ? group.commands[word] : undefined;
  if (!command) throw unknown(word, `${name} `, Object.keys(group.commands));
  return command.run(`${name} ${word}`, rest, terminal);
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isUnreachable(error)) return `${error.message}; the local stack does not run, start it with \`npm start\``;
  const because =
    error.cause instanceof Error && error.name !== 'UsageError' ? `\n  because ${error.cause.message}` : '';
  const expected = error.name === 'UsageError' || error.name === 'CommandFailed';
  return `${expected ? error.message : `${error.name}: ${error.message}`}${because}`;
}

function isUnreachable(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNREFUSED';
}
