/** Writes a line to stdout, which Lambda sends to the function's log group. CloudWatch reads metric lines from there. */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
