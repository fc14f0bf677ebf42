import { mostHops, needsGet, nextHop, describeProblem } from '#core/alerts/destination-status.ts';
import { createPublicRequest, type PublicRequestOptions, type PublicResponse, within } from '../web/public-request.ts';

export interface DestinationCheckOptions extends PublicRequestOptions {
  /** Milliseconds for a destination with all its redirects. @default 10,000 */
  total?: number;
}

/**
 * Creates a function that checks whether visitors reach a destination. It follows redirects and sends HEAD, then GET, to
 * each URL, to public addresses only.
 * @returns a function that describes the problem, or returns undefined; it never throws
 */
export function createDestinationCheck({ total = 10_000, ...options }: DestinationCheckOptions = {}) {
  const send = createPublicRequest(options);

  async function request(url: URL): Promise<PublicResponse> {
    const head = await send(url, { method: 'HEAD', ...headers });
    return needsGet(head) ? send(url, { method: 'GET', ...headers }) : head;
  }

  async function follow(destination: string): Promise<string | undefined> {
    let at = URL.parse(destination);
    for (let hop = 0; hop <= mostHops; hop++) {
      if (at === null) return 'is not a valid URL';
      const response = await request(at);
      const next = nextHop(response, at.href);
      if (next === undefined) return describeProblem(response);
      at = URL.parse(next);
    }
    return `redirects more than ${mostHops} times`;
  }
  // Requests that still run end at their own timeout, and nothing waits for them.
  return (destination: string) => within(total, follow(destination), `does not respond within ${total / 1000} s`);
}

const headers = { userAgent: 'hopcount-link-check/1 (bot; checks whether link destinations respond)', accept: '*/*' };
