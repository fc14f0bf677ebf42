// First, because commands that import SQL as text are loaded later.
import '#queries/text-imports.ts';
import { setMaxListeners } from 'node:events';
import type { Terminal } from './command.ts';
import { commandsIn, runProgram } from './program.ts';

const clearLine = '\r\u001b[2K';

const terminal: Terminal = {
  stdin: process.stdin,
  print: (line) => {
    process.stdout.write(`${line}\n`);
  },
  note: (line) => {
    process.stderr.write(`${process.stderr.isTTY ? clearLine : ''}${line}\n`);
  },
  progress: (line) => {
    if (process.stderr.isTTY) process.stderr.write(`${clearLine}${line.slice(0, process.stderr.columns - 1)}`);
  },
  environment: process.env,
  now: Date.now,
  catchInterrupt: () => {
    const interrupted = new AbortController();
    // Every waiting request listens.
    setMaxListeners(0, interrupted.signal);
    process.once('SIGINT', () => interrupted.abort());
    return interrupted.signal;
  },
};

// `| head` closes the pipe early. That is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Not process.exit, which would drop what standard output has not written yet.
process.exitCode = await runProgram(
  await commandsIn(new URL('./commands/', import.meta.url)),
  process.argv.slice(2),
  terminal,
);
