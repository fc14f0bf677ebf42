/** What one request to a destination came to. */
export type DestinationResponse =
  | { kind: 'status'; status: number; location: string | null }
  | { kind: 'failed'; reason: string };

/** Redirects that a browser would follow, and we do. */
export const mostHops = 5;

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where the answer leads next; undefined where it leads nowhere else. */
export function nextHop(answer: DestinationResponse, from: string): string | undefined {
  if (answer.kind !== 'status' || !redirects.has(answer.status) || answer.location === null) return undefined;
  return URL.parse(answer.location, from)?.href;
}

/** Not every server knows HEAD: what it refuses is asked again with GET. */
export function needsGet(answer: DestinationResponse): boolean {
  return answer.kind === 'failed' || answer.status >= 400;
}

/** Doors that are shut to programs and open to people. */
const shut: ReadonlySet<number> = new Set([
  401, 403, 405, 406, 407, 409, 411, 415, 418, 421, 423, 425, 426, 428, 429, 451, 999,
]);

/** What is wrong with a destination, in words; undefined where a visitor gets something. */
export function problemOf(answer: DestinationResponse): string | undefined {
  if (answer.kind === 'failed') return answer.reason;
  const { status } = answer;
  return status < 400 || shut.has(status) ? undefined : `answers ${status}`;
}
