// First: commands are loaded later, and some of them import SQL as text.
import '#queries/text-imports.ts';
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
};

// A reader that has seen enough (`| head`) closes the pipe; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Not process.exit: what is still in the pipe of standard output must reach its reader.
process.exitCode = await runProgram(
  await commandsIn(new URL('./commands/', import.meta.url)),
  process.argv.slice(2),
  terminal,
);
