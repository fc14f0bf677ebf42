/** A tool answered with something else than it documents. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

/** What a pull was given cannot work: the message names the field, what is allowed and the value. */
export class RefusedField extends Error {
  override readonly name = 'RefusedField';
}
