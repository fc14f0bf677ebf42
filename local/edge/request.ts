import type { IncomingMessage } from 'node:http';
import { replayHeaders } from '#schemas/edge-headers.ts';

/** A viewer's request as it moves through the edge; header names are lower case. */
export interface EdgeRequest {
  id: string;
  method: string;
  /** Path as received, still percent-encoded. */
  path: string;
  /** Without the question mark. */
  query: string;
  headers: Record<string, string>;
  body: Buffer;
  /** Address of the peer, unmapped: `203.0.113.7`. */
  viewerIp: string;
  /** Milliseconds since the epoch; for a replayed request, its original time. */
  receivedAt: number;
  /** Replay headers, kept separately because the viewer function removes them. */
  replay: Readonly<Record<string, string>>;
}

export interface EdgeResponse {
  status: number;
  headers: Record<string, string | readonly string[]>;
  body: Uint8Array;
}

export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Arrival {
  id: string;
  now: number;
  allowReplay: boolean;
  body: Buffer;
}

/** Reads a request as CloudFront receives it. The viewer's address is that of the connection, unless it is replayed. */
export function readRequest(incoming: IncomingMessage, { id, now, allowReplay, body }: Arrival): EdgeRequest {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const headers = viewerHeaders(incoming.headers, allowReplay);
  const { [replayHeaders.address]: replayedAddress, [replayHeaders.time]: replayedTime } = headers;
  const replay = Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === replayHeaders.time || name === replayHeaders.page),
  );
  for (const name of replayNames) delete headers[name];
  const peer = unmapAddress(incoming.socket.remoteAddress ?? '127.0.0.1');
  headers['cloudfront-viewer-address'] = replayedAddress ?? `${peer}:${incoming.socket.remotePort ?? 0}`;
  return {
    id,
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers,
    body,
    viewerIp: replayedAddress ?? peer,
    receivedAt: replayedTime === undefined ? now : replayTime(replayedTime),
    replay,
  };
}

const replayNames: readonly string[] = Object.values(replayHeaders);

const fromCloud = /^cloudfront-/;

/** Returns the viewer's headers without those that only CloudFront, or a replay, may set. */
export function viewerHeaders(incoming: IncomingMessage['headers'], allowReplay: boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming)
      .filter(([name]) => !fromCloud.test(name) && (allowReplay || !replayNames.includes(name)))
      .flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]],
      ),
  );
}

/** Removes the prefix of an IPv4 address on a dual-stack socket: `::ffff:203.0.113.7`. */
export function unmapAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** @throws {RefusedRequest} for a time that is neither ISO 8601 nor milliseconds since the epoch */
function replayTime(value: string): number {
  const time = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  if (Number.isNaN(time))
    throw new RefusedRequest(
      400,
      `${replayHeaders.time} must be an ISO 8601 date-time or milliseconds since the epoch; got "${value}"`,
    );
  return time;
}

/** Limit of API Gateway: 10 MB. */
const longestBody = 10 * 1024 * 1024;

export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > longestBody) throw new RefusedRequest(413, 'The request body must not be larger than 10 MB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Returns whether the request has a body. Reading an empty one would cost a turn of the event loop. */
export function hasBody(incoming: IncomingMessage): boolean {
  return incoming.headers['transfer-encoding'] !== undefined || Number(incoming.headers['content-length'] ?? 0) > 0;
}
