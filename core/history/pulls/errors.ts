/** A tool answered with something else than it documents. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}
