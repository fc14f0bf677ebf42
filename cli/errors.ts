/** The command line is invalid. The message names the argument, its value and what is allowed. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A valid command failed. The message says what to do next. Exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
