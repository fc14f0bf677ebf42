/** Result of one request to a destination. */
export type DestinationResponse =
  | { kind: 'status'; status: number; location: string | null }
  | { kind: 'failed'; reason: string };

/** Maximum redirects followed. */
export const mostHops = 5;

/** Returns the next URL of a redirect, or undefined. */
export function nextHop(response: DestinationResponse, from: string): string | undefined {
  if (response.kind !== 'status' || !redirects.has(response.status) || response.location === null) return undefined;
  return URL.parse(response.location, from)?.href;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Returns whether to repeat the request with GET, because the server refused HEAD. */
export function needsGet(response: DestinationResponse): boolean {
  return response.kind === 'failed' || response.status >= 400;
}

/** Statuses that servers send to programs but not to browsers. */
const shut: ReadonlySet<number> = new Set([
  401, 403, 405, 406, 407, 409, 411, 415, 418, 421, 423, 425, 426, 428, 429, 451, 999,
]);

/** Describes what is wrong with a destination, or returns undefined if visitors reach it. */
export function describeProblem(response: DestinationResponse): string | undefined {
  if (response.kind === 'failed') return response.reason;
  const { status } = response;
  return status < 400 || shut.has(status) ? undefined : `returns HTTP ${status}`;
}
