import { readdir } from 'node:fs/promises';
import type { Command, CommandGroup, Terminal } from './command.ts';
import { UsageError } from './errors.ts';
import { nearest } from './nearest.ts';

export type Entry = Command | CommandGroup;
export type Load = () => Promise<Entry>;

/** Lists the commands of a folder. A file is a command of the same name: `commands/replay.ts` is `hopcount replay`. */
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

/** Runs a command line and returns the exit code: 0 for success, 1 for failure, 2 for an invalid command line. */
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
  if (!load) throw unknownCommand(name, '', Object.keys(commands));
  const entry = await load();
  return entry.kind === 'group' ? runGroup(name, entry, rest, terminal) : entry.run(name, rest, terminal);
}

async function overview(commands: Readonly<Record<string, Load>>): Promise<string> {
  const entries = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => listCommands(name, await load())),
  );
  return [
    'hopcount: self-hosted link and page analytics on AWS',
    '',
    '  npm run hopcount -- <command> [--stack <name|local>] [--help]',
    '',
    formatList(entries.flat()),
    '',
    'Without --stack, a command uses the local stack of `npm start`. With --stack, it uses that CloudFormation stack, with',
    'the AWS credentials and AWS_REGION of your shell.',
  ].join('\n');
}

function listCommands(name: string, entry: Entry): (readonly [string, string])[] {
  return entry.kind === 'command'
    ? [[name, entry.summary]]
    : Object.entries(entry.commands).map(([word, command]) => [`${name} ${word}`, command.summary]);
}

function formatList(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
}

function unknownCommand(typed: string, prefix: string, known: readonly string[]): UsageError {
  const meant = nearest(typed, known);
  const advice = meant ? `did you mean \`${prefix}${meant}\`?` : `the commands are ${known.join(', ')}`;
  return new UsageError(`unknown command \`${prefix}${typed}\`; ${advice}`);
}

function runGroup(name: string, group: CommandGroup, words: readonly string[], terminal: Terminal) {
  const [word, ...rest] = words;
  if (word === undefined || word === '--help' || word === '-h') {
    terminal.print(`${group.summary}\n\n${formatList(listCommands(name, group))}`);
    return Promise.resolve(word === undefined ? 2 : 0);
  }
  const command = Object.hasOwn(group.commands, word) ? group.commands[word] : undefined;
  if (!command) throw unknownCommand(word, `${name} `, Object.keys(group.commands));
  return command.run(`${name} ${word}`, rest, terminal);
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isUnreachable(error)) return `${error.message}. The local stack is not running; start it with \`npm start\`.`;
  const reason =
    error.cause instanceof Error && error.name !== 'UsageError' ? `\n  caused by: ${error.cause.message}` : '';
  const expected = error.name === 'UsageError' || error.name === 'CommandFailed';
  return `${expected ? error.message : `${error.name}: ${error.message}`}${reason}`;
}

function isUnreachable(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNREFUSED';
}
