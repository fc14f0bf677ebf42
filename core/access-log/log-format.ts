/** What a request in a log consists of. */
export const requestFields = ['address', 'time', 'method', 'path', 'query', 'referrer', 'userAgent', 'host'] as const;
export type RequestField = (typeof requestFields)[number];

/**
 * A request of an access log. What the log does not record is undefined; null is a header that the request did not have.
 * Text is that of the request, each character one byte.
 */
export interface LoggedRequest {
  address: string;
  /** Milliseconds since the epoch. */
  time: number;
  method: string;
  /** The requested path, percent-encoded, without the query. */
  path: string;
  /** Without the question mark; empty if there was none. */
  query: string;
  referrer?: string | null;
  userAgent?: string | null;
  host?: string | null;
}

/** A line that cannot be sent. There are few reasons, so that they can be counted. */
export interface UnusableLine {
  kind: 'unusable';
  reason: string;
  /** What is wrong, shortened. */
  value?: string;
}

export type LogLine =
  | { kind: 'request'; request: LoggedRequest }
  /** Says something about the lines that follow, such as `#Fields: …`. */
  | { kind: 'heading' }
  | UnusableLine;

/** Parses a line without its line break, decoded as latin1 so that each character is a byte. Never throws. */
export type ReadLine = (line: string) => LogLine;

export interface LogFormat {
  name: string;
  /** What a field is called in the log; null: the format does not have it. */
  columns: Readonly<Record<RequestField, string | null>>;
  /**
   * Returns a reader of one file.
   * @param columns names of the columns of a file that does not say them
   */
  open: (columns?: readonly string[]) => ReadLine;
}

export function unusable(reason: string, value?: string): UnusableLine {
  return { kind: 'unusable', reason, ...(value !== undefined && { value: shorten(value) }) };
}

const longestValue = 60;

function shorten(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
