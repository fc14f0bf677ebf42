/** Result of one request to a destination. */
export type DestinationResponse =
  | { kind: 'status'; status: number; location: string | null }
  | { kind: 'failed'; reason: string };

/** Maximum redirects followed. */
export const mostHops = 5;

/** Returns the next URL of a redirect, or undefined. */
export function nextHop(answer: DestinationResponse, from: string): string | undefined {
  if (answer.kind !== 'status' || !redirects.has(answer.status) || answer.location === null) return undefined;
  return URL.parse(answer.location, from)?.href;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Returns whether to repeat the request with GET, because the server refused HEAD. */
export function needsGet(answer: DestinationResponse): boolean {
  return answer.kind === 'failed' || answer.status >= 400;
}

/** Statuses that servers send to programs but not to browsers. */
const shut: ReadonlySet<number> = new Set([
  401, 403, 405, 406, 407, 409, 411, 415, 418, 421, 423, 425, 426, 428, 429, 451, 999,
]);

/** Describes what is wrong with a destination, or returns undefined if visitors reach it. */
export function describeProblem(answer: DestinationResponse): string | undefined {
  if (answer.kind === 'failed') return answer.reason;
  const { status } = answer;
  return status < 400 || shut.has(status) ? undefined : `answers ${status}`;
}
