import { open, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CommandFailed } from './errors.ts';

/** Streams into a new file, and removes it if that fails. @throws {CommandFailed} if the file exists or cannot be created */
export async function writeNewFile(file: string, content: AsyncIterable<Uint8Array | string>): Promise<void> {
  const handle = await open(file, 'wx').catch((cause: unknown) => {
    throw new CommandFailed(`cannot write \`--out\` \`${file}\``, { cause });
  });
  try {
    await pipeline(content, handle.createWriteStream());
  } catch (cause) {
    await rm(file);
    throw cause;
  }
}
