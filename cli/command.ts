import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './errors.ts';
import { nearest } from './nearest.ts';
import { type Given, optionalWith, type Parameters, text, type Values } from './parameters.ts';

/** What a command may touch of the process that runs it. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  /** Results: one line. */
  readonly print: (line: string) => void;
  /** Anything about the results: progress, warnings. */
  readonly note: (line: string) => void;
  /** A line that the next one replaces; nothing where standard error is no terminal. */
  readonly progress: (line: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

export interface Command {
  readonly kind: 'command';
  readonly summary: string;
  help(name: string): string;
  /** Gives the exit code. @throws {UsageError} when the command line is wrong */
  run(name: string, words: readonly string[], terminal: Terminal): Promise<number>;
}

/** Commands under one word: `links add`, `links list`. */
export interface CommandGroup {
  readonly kind: 'group';
  readonly summary: string;
  readonly commands: Readonly<Record<string, Command>>;
}

const stackOption = {
  stack: optionalWith(text('<name|local>'), 'local', 'the local stack, or the name of a deployed CloudFormation stack'),
};

type StackValue = Values<typeof stackOption>;

interface Definition<A extends Parameters, O extends Parameters> {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs for its own help. */
  readonly details?: string;
  /** By position, in this order. */
  readonly arguments?: A;
  readonly options?: O;
  /** Gives the exit code: 0 when all is well, 1 when not. */
  run(values: Values<A> & Values<O> & StackValue, terminal: Terminal): Promise<number>;
}

/** A command from its declaration: its arguments are parsed, checked and typed, and its help is derived. */
export function defineCommand<const A extends Parameters, const O extends Parameters>(
  definition: Definition<A, O>,
): Command {
  const positional: Parameters = definition.arguments ?? {};
  const options: Parameters = { ...definition.options, ...stackOption };
  const names = Object.keys(positional);
  function read(words: readonly string[]) {
    const { values, positionals } = parseWords(words, options);
    const extra = positionals[names.length];
    if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many`);
    const byName = Object.fromEntries(names.map((key, index) => [key, positionals[index]]));
    return {
      ...readAll(positional, byName, (key) => `<${key}>`),
      ...readAll(options, values, (key) => `--${key}`),
    } as Values<A> & Values<O> & StackValue;
  }
  const { summary, details } = definition;
  function help(name: string): string {
    return helpOf(name, { summary, details, positional, options });
  }
  return {
    kind: 'command',
    summary,
    help,
    run: async (name, words, terminal) => {
      const end = words.indexOf('--');
      if ((end === -1 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h')) {
        terminal.print(help(name));
        return 0;
      }
      return definition.run(read(words), terminal);
    },
  };
}

type GivenValues = Record<string, string | boolean | (string | boolean)[] | undefined>;

function parseWords(words: readonly string[], options: Parameters): { values: GivenValues; positionals: string[] } {
  const config = Object.fromEntries(
    Object.entries(options).map(([key, { hint, repeated }]) => [
      key,
      { type: hint === null ? 'boolean' : 'string', multiple: repeated ?? false } as const,
    ]),
  ) satisfies ParseArgsConfig['options'];
  try {
    return parseArgs({ args: [...words], options: config, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new UsageError(explainParseError(cause, Object.keys(options)), { cause });
  }
}

/** parseArgs names the option; we add the one that was probably meant. */
function explainParseError(cause: unknown, known: readonly string[]): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const unknown = /Unknown option '--?([^']+)'/.exec(message)?.[1];
  if (!unknown) return message;
  const meant = nearest(unknown, known);
  return `--${unknown} is not an option of this command; ${meant ? `did you mean --${meant}?` : `it has ${known.map((key) => `--${key}`).join(', ')}`}`;
}

function readAll(parameters: Parameters, given: GivenValues, shown: (key: string) => string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([key, parameter]) => [key, parameter.read(shown(key), asGiven(given[key]))]),
  );
}

function asGiven(value: GivenValues[string]): Given {
  return Array.isArray(value) ? value.map(String) : value;
}

interface Described {
  readonly summary: string;
  readonly details?: string | undefined;
  readonly positional: Parameters;
  readonly options: Parameters;
}

function helpOf(name: string, { summary, details, positional, options }: Described): string {
  const rows = [
    ...Object.entries(positional).map(([key, { meaning }]) => [`<${key}>`, meaning] as const),
    ...Object.entries(options).map(([key, { hint, meaning }]) => [`--${key} ${hint ?? ''}`.trim(), meaning] as const),
  ];
  const width = Math.max(...rows.map(([shown]) => shown.length));
  return [
    summary,
    '',
    `  ${usageOf(name, positional, options)}`,
    '',
    ...rows.map(([shown, meaning]) => `  ${shown.padEnd(width)}  ${meaning}`),
    ...(details ? ['', details.trim()] : []),
  ].join('\n');
}

function usageOf(name: string, positional: Parameters, options: Parameters): string {
  return [
    `npm run hopcount -- ${name}`,
    ...Object.entries(positional).map(([key, { required }]) => bracket(`<${key}>`, required)),
    ...Object.entries(options).map(([key, { hint, required }]) =>
      bracket(hint === null ? `--${key}` : `--${key} ${hint}`, required),
    ),
  ].join(' ');
}

function bracket(shown: string, needed: boolean): string {
  return needed ? shown : `[${shown}]`;
}
