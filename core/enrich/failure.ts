/** Why an event failed. The value may hold an address: it goes to `failed/` with the original, never into a row or a log. */
export interface Failure {
  /** `invalid.<field>`, `body.not-json`, `body.not-an-object`, `time.future`, `time.too-old` or `unexpected`. */
  reason: string;
  /** Path of the field in the message: `headers.userAgent`; `body` for the whole. */
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
    // Nested deeper than the stack: its type is all that can be told.
    return typeof value;
  }
}
