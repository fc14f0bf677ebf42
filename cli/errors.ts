/** The command line itself is wrong: names the argument, its value and what is allowed. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command was understood and could not be done; the message says what to do about it. Exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
