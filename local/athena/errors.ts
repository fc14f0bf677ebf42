/** An error of the AWS JSON protocol; `__type` is what the SDK turns into the error's name. */
export class AwsJsonError extends Error {
  override readonly name = 'AwsJsonError';
  readonly __type: string;

  constructor(type: string, message: string) {
    super(message);
    this.__type = type;
  }
}

/** Ends a query as FAILED; the message is the `StateChangeReason`, in the words that Athena uses. */
export class QueryFailed extends Error {
  override readonly name = 'QueryFailed';
}

/** Ends a query as CANCELLED. */
export class QueryCancelled extends Error {
  override readonly name = 'QueryCancelled';
}
