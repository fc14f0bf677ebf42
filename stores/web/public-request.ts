import { lookup as resolveName } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Duplex, pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { isPublicAddress, notPublic } from '#core/alerts/public-address.ts';

export interface PublicRequestOptions {
  /** Returns the IP addresses of a host name. @default - the system's resolver */
  resolve?: (host: string) => Promise<string[]>;
  /** @default isPublicAddress */
  isAllowed?: (address: string) => boolean;
  /** Milliseconds for one request, including connection and body. @default 5,000 */
  timeout?: number;
}

export interface PublicRequest {
  method: 'HEAD' | 'GET' | 'POST';
  userAgent: string;
  accept: string;
  /** Further headers, and the body of a POST. */
  headers?: Readonly<Record<string, string>>;
  content?: string;
  /** Bytes of the body that are read, decompressed; the connection then ends. @default 0 */
  mostBytes?: number;
}

export type PublicResponse =
  | {
      kind: 'status';
      status: number;
      location: string | null;
      retryAfter: string | null;
      contentType: string;
      body: Buffer;
    }
  | { kind: 'failed'; reason: string };

/**
 * Creates a function that requests a URL given by a user. It connects to public addresses only, and to the address that it
 * has checked; a host name is refused if any of its addresses is private. It follows no redirect: request the next URL in
 * the same way. It never throws.
 */
export function createPublicRequest(options: PublicRequestOptions = {}) {
  const { resolve = systemResolve, isAllowed = isPublicAddress, timeout = 5000 } = options;

  async function findAddresses(url: URL): Promise<string[] | string> {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return `leads to ${url.protocol}`;
    const host = hostOf(url);
    let addresses: string[];
    try {
      addresses = isIP(host) === 0 ? await resolve(host) : [host];
    } catch (error) {
      return describeError(error);
    }
    return addresses.length > 0 && addresses.every(isAllowed) ? addresses : notPublic;
  }

  return async (url: URL, request: PublicRequest): Promise<PublicResponse> => {
    const addresses = await findAddresses(url);
    if (typeof addresses === 'string') return { kind: 'failed', reason: addresses };
    // Credentials in a link are for the visitor only.
    const plain = new URL(url);
    plain.username = '';
    plain.password = '';
    return send(plain, addresses, { ...request, timeout });
  };
}

/**
 * Returns whether an address may be requested: a public one, or one of these.
 * @param others addresses with commas between them; `none` everywhere but in tests of the local stack
 */
export function allowBesides(others: string): (address: string) => boolean {
  const allowed = new Set(others.split(','));
  return (address) => allowed.has(address) || isPublicAddress(address);
}

/** Returns what the work returns, or something else after this many milliseconds. */
export async function within<T>(milliseconds: number, work: Promise<T>, otherwise: T): Promise<T> {
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

interface SendOptions extends PublicRequest {
  timeout: number;
}

function send(url: URL, addresses: readonly string[], options: SendOptions): Promise<PublicResponse> {
  const { method, userAgent, accept, headers: more, content, mostBytes = 0, timeout } = options;
  return new Promise((resolve) => {
    let sent: ClientRequest | undefined;
    const timer = setTimeout(() => {
      finish({ kind: 'failed', reason: `does not respond within ${timeout / 1000} s` });
    }, timeout);
    function finish(result: PublicResponse): void {
      clearTimeout(timer);
      resolve(result);
      sent?.destroy();
    }
    // Connects to a checked address: a second lookup may return another one.
    const lookup: LookupFunction = (_host, { all }, done) => {
      const known = addresses.map((address) => ({ address, family: isIP(address) }));
      if (all) done(null, known);
      else done(null, known[0]?.address ?? '', known[0]?.family);
    };
    const headers = {
      'user-agent': userAgent,
      accept,
      ...(mostBytes > 0 && { 'accept-encoding': 'gzip, br' }),
      ...more,
      ...(content !== undefined && { 'content-length': String(Buffer.byteLength(content)) }),
    };
    function onResponse(response: IncomingMessage): void {
      const { statusCode: status = 0, headers: received } = response;
      const head = {
        status,
        location: received.location ?? null,
        retryAfter: received['retry-after'] ?? null,
        contentType: received['content-type'] ?? '',
      };
      void readBody(response, mostBytes)
        .then((body) => finish({ kind: 'status', ...head, body }))
        .catch((error: unknown) => finish({ kind: 'failed', reason: describeError(error) }));
    }
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    sent = request(url, { method, lookup, agent: false, headers }, onResponse);
    sent.on('error', (error) => finish({ kind: 'failed', reason: describeError(error) }));
    sent.end(content);
  });
}

/** Reads at most this many bytes. What a decompressor makes of a few bytes is counted, too. */
async function readBody(response: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (mostBytes > 0)
    for await (const chunk of decompress(response)) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= mostBytes) break;
    }
  return Buffer.concat(chunks).subarray(0, mostBytes);
}

const decompressors: Readonly<Record<string, () => Duplex>> = {
  br: createBrotliDecompress,
  deflate: createInflate,
  gzip: createGunzip,
  'x-gzip': createGunzip,
};

function decompress(response: IncomingMessage): Readable {
  const create = decompressors[response.headers['content-encoding']?.trim().toLowerCase() ?? ''];
  // The reader gets the error of either.
  return create === undefined ? response : pipeline(response, create(), () => undefined);
}
