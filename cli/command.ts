import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './errors.ts';
import { nearest } from './nearest.ts';
import { type Given, optionalWith, type Parameters, text, type Values } from './parameters.ts';

/** The parts of the process that a command may use. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  /** Prints a line of the result to standard output. */
  readonly print: (line: string) => void;
  /** Prints a line about the result, such as a warning, to standard error. */
  readonly note: (line: string) => void;
  /** Shows a line that the next one replaces. Does nothing unless standard error is a terminal. */
  readonly progress: (line: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Returns a signal that the first Ctrl-C aborts instead of ending the process; the second one ends it. */
  readonly catchInterrupt: () => AbortSignal;
}

export interface Command {
  readonly kind: 'command';
  readonly summary: string;
  help(name: string): string;
  /** Returns the exit code. @throws {UsageError} if the command line is invalid */
  run(name: string, words: readonly string[], terminal: Terminal): Promise<number>;
}

/** Commands that share their first word: `links add`, `links list`. */
export interface CommandGroup {
  readonly kind: 'group';
  readonly summary: string;
  readonly commands: Readonly<Record<string, Command>>;
}

const stackOption = {
  stack: optionalWith(text('<name|local>'), 'local', '`local` or the name of a CloudFormation stack'),
};

type StackValue = Values<typeof stackOption>;

interface Definition<A extends Parameters, O extends Parameters> {
  /** One line in the list of commands. */
  readonly summary: string;
  /** Text at the end of the command's help. */
  readonly details?: string;
  /** Positional arguments, in this order. */
  readonly arguments?: A;
  readonly options?: O;
  /** Returns the exit code: 0 for success, 1 for failure, 3 if the command did not finish and can be continued. */
  run(values: Values<A> & Values<O> & StackValue, terminal: Terminal): Promise<number>;
}

/** Creates a command from its declaration, which also types its values and generates its help. */
export function defineCommand<const A extends Parameters, const O extends Parameters>(
  definition: Definition<A, O>,
): Command {
  const positional: Parameters = definition.arguments ?? {};
  const options: Parameters = { ...definition.options, ...stackOption };
  const names = Object.keys(positional);
  function read(words: readonly string[]) {
    const { values, positionals } = parseWords(words, options);
    const extra = positionals[names.length];
    if (extra !== undefined) throw new UsageError(`unexpected argument \`${extra}\``);
    const byName = Object.fromEntries(names.map((key, index) => [key, positionals[index]]));
    return {
      ...readAll(positional, byName, (key) => `<${key}>`),
      ...readAll(options, values, (key) => `--${key}`),
    } as Values<A> & Values<O> & StackValue;
  }
  const { summary, details } = definition;
  function help(name: string): string {
    return formatHelp(name, { summary, details, positional, options });
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

/** Adds the option that was probably meant to the message of parseArgs. */
function explainParseError(cause: unknown, known: readonly string[]): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const unknown = /Unknown option '--?([^']+)'/.exec(message)?.[1];
  if (!unknown) return message;
  const meant = nearest(unknown, known);
  return `unknown option \`--${unknown}\`; ${meant ? `did you mean \`--${meant}\`?` : `the options are ${known.map((key) => `--${key}`).join(', ')}`}`;
}

function readAll(parameters: Parameters, given: GivenValues, show: (key: string) => string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([key, parameter]) => [key, parameter.read(show(key), toGiven(given[key]))]),
  );
}

function toGiven(value: GivenValues[string]): Given {
  return Array.isArray(value) ? value.map(String) : value;
}

interface Described {
  readonly summary: string;
  readonly details?: string | undefined;
  readonly positional: Parameters;
  readonly options: Parameters;
}

function formatHelp(name: string, { summary, details, positional, options }: Described): string {
  const rows = [
    ...Object.entries(positional).map(([key, { meaning }]) => [`<${key}>`, meaning] as const),
    ...Object.entries(options).map(([key, { hint, meaning }]) => [`--${key} ${hint ?? ''}`.trim(), meaning] as const),
  ];
  const width = Math.max(...rows.map(([shown]) => shown.length));
  return [
    summary,
    '',
    `  ${formatUsage(name, positional, options)}`,
    '',
    ...rows.map(([shown, meaning]) => `  ${shown.padEnd(width)}  ${meaning}`),
    ...(details ? ['', details.trim()] : []),
  ].join('\n');
}

function formatUsage(name: string, positional: Parameters, options: Parameters): string {
  return [
    `npm run hopcount -- ${name}`,
    ...Object.entries(positional).map(([key, { required }]) => bracket(`<${key}>`, required)),
    ...Object.entries(options).map(([key, { hint, required }]) =>
      bracket(hint === null ? `--${key}` : `--${key} ${hint}`, required),
    ),
  ].join(' ');
}

function bracket(shown: string, required: boolean): string {
  return required ? shown : `[${shown}]`;
}
