/** The file as a whole cannot be read; the message says why, where, and what to do. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}
