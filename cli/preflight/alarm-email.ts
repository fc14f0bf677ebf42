import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { ask } from '#cli/ask.ts';
import type { Terminal } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';

/**
 * Asks who should get the alarms, and writes the address to the settings. Nothing is written for an empty answer.
 * @throws {CommandFailed} if the answer is not an address, or the file has no settings
 */
export async function askAlarmEmail(terminal: Pick<Terminal, 'note' | 'stdin'>, file: string): Promise<void> {
  const address = await ask(terminal, 'Which address should get the alarms? Press Enter for none:');
  if (address === '') return;
  if (!z.email().safeParse(address).success) throw new CommandFailed(`\`${address}\` is not an e-mail address`);
  const text = await readFile(file, 'utf8');
  const changed = addSetting(text, 'alarmEmail', address);
  if (changed === text)
    throw new CommandFailed(`${file} has no "context": { to write to. Set alarmEmail there yourself`);
  await writeFile(file, changed);
  terminal.note(`Wrote alarmEmail to ${file}. SNS will send two mails to ${address}: confirm both.`);
}

/** Adds a setting to the text of cdk.json, and leaves the rest as it is. */
function addSetting(text: string, name: string, value: string): string {
  return text.replace(
    /"context": ?\{(?=(\r?\n))/,
    (found, end: string) => `${found}${end}    ${JSON.stringify(name)}: ${JSON.stringify(value)},`,
  );
}
