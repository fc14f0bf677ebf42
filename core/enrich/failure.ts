/** Why an event failed. The value may contain an address: it is stored in `failed/` only, never in a row or a log. */
export interface Failure {
  /** `invalid.<field>`, `body.not-json`, `body.not-an-object`, `time.future`, `time.too-old` or `unexpected`. */
  reason: string;
  /** Path of the field in the message: `headers.userAgent`, or `body` for the whole message. */
  field: string;
  /** The offending value as JSON, cut to 200 code units. */
  value: string;
}

export function failureOf(reason: string, field: string, value: unknown): Failure {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, valueLimit)) : jsonOf(value);
  return { reason, field, value: text.slice(0, valueLimit) };
}

const valueLimit = 200;

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    // Nested deeper than the stack: only its type can be shown.
    return typeof value;
  }
}
