import { lookup as resolveName } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import {
  type DestinationResponse,
  mostHops,
  needsGet,
  nextHop,
  describeProblem,
} from '#core/alerts/destination-status.ts';
import { isPublicAddress } from '#core/alerts/public-address.ts';

export interface DestinationCheckOptions {
  /** Returns the IP addresses of a host name. @default - the system's resolver */
  resolve?: (host: string) => Promise<string[]>;
  /** @default isPublicAddress */
  isAllowed?: (address: string) => boolean;
  /** Milliseconds for one request, including connection, and for one name lookup. @default 5,000 */
  timeout?: number;
  /** Milliseconds for a destination with all its redirects. @default 10,000 */
  total?: number;
}

/**
 * Creates a function that checks whether visitors reach a destination. It follows redirects and sends HEAD, then GET, to
 * each URL. It connects to public addresses only and rejects a host name if any of its addresses is private.
 * @returns a function that describes the problem, or returns undefined; it never throws
 */
export function createDestinationCheck(options: DestinationCheckOptions = {}) {
  const { resolve = systemResolve, isAllowed = isPublicAddress, timeout = 5000, total = 10_000 } = options;

  async function resolveAllowed(url: URL): Promise<string[] | string> {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return `leads to ${url.protocol}`;
    const host = hostOf(url);
    let addresses: string[];
    try {
      addresses = isIP(host) === 0 ? await resolve(host) : [host];
    } catch (error) {
      return describeError(error);
    }
    return addresses.length > 0 && addresses.every(isAllowed) ? addresses : 'leads to an address that is not public';
  }

  async function request(url: URL): Promise<DestinationResponse> {
    const addresses = await resolveAllowed(url);
    if (typeof addresses === 'string') return { kind: 'failed', reason: addresses };
    // Credentials in a link are for the visitor only.
    const plain = new URL(url);
    plain.username = '';
    plain.password = '';
    const head = await send(plain, 'HEAD', addresses, timeout);
    return needsGet(head) ? send(plain, 'GET', addresses, timeout) : head;
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

/** Returns what the work returns, or something else after this many milliseconds. */
async function within<T>(milliseconds: number, work: Promise<T>, otherwise: T): Promise<T> {
  const timer = Promise.withResolvers<T>();
  const timeout = setTimeout(timer.resolve, milliseconds, otherwise);
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(timeout);
  }
}

async function systemResolve(host: string): Promise<string[]> {
  return (await resolveName(host, { all: true })).map(({ address }) => address);
}

/** Returns the host name or address, without the brackets of IPv6. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host name does not exist',
  EAI_AGAIN: 'its host name could not be looked up',
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'ends the connection',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ETIMEDOUT: 'does not respond',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

function describeError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (code.includes('CERT') ? 'its certificate is not trusted' : 'cannot be reached');
}

const userAgent = 'hopcount-link-check/1 (bot; checks whether link destinations respond)';

/** Sends a request and reads the response's headers only. */
function send(
  url: URL,
  method: 'HEAD' | 'GET',
  addresses: readonly string[],
  timeout: number,
): Promise<DestinationResponse> {
  return new Promise((resolve) => {
    let sent: ClientRequest | undefined;
    const timer = setTimeout(() => {
      resolve({ kind: 'failed', reason: `does not respond within ${timeout / 1000} s` });
      sent?.destroy();
    }, timeout);
    function finish(result: DestinationResponse): void {
      clearTimeout(timer);
      resolve(result);
      sent?.destroy();
    }
    // Connects to a checked address: a second lookup may return another one.
    const lookup: LookupFunction = (_host, options, done) => {
      const known = addresses.map((address) => ({ address, family: isIP(address) }));
      if (options.all) done(null, known);
      else done(null, known[0]?.address ?? '', known[0]?.family);
    };
    const options = { method, lookup, agent: false, headers: { 'user-agent': userAgent, accept: '*/*' } } as const;
    function onResponse(response: IncomingMessage): void {
      finish({ kind: 'status', status: response.statusCode ?? 0, location: response.headers.location ?? null });
    }
    sent = url.protocol === 'https:' ? requestHttps(url, options, onResponse) : requestHttp(url, options, onResponse);
    sent.on('error', (error) => finish({ kind: 'failed', reason: describeError(error) }));
    sent.end();
  });
}
