import type { IncomingMessage } from 'node:http';
import { RefusedRequest, unmapAddress } from '../edge/request.ts';

/**
 * Allows only requests from this machine: a loopback peer, a local Host (against DNS rebinding), and no other site as
 * the initiator.
 *
 * @throws {RefusedRequest}
 */
export function guardLocal(incoming: IncomingMessage): void {
  const peer = unmapAddress(incoming.socket.remoteAddress ?? '');
  if (!loopback.test(peer)) throw new RefusedRequest(403, '/_local/ is only available from this machine');
  const host = incoming.headers.host ?? '';
  if (!localHosts.test(host))
    throw new RefusedRequest(
      403,
      `/_local/ is only available on localhost, 127.0.0.1 or [::1]; got the host "${host}"`,
    );
  const site = incoming.headers['sec-fetch-site'];
  const navigation = incoming.method === 'GET' && incoming.headers['sec-fetch-mode'] === 'navigate';
  if (site === 'cross-site' && !navigation)
    throw new RefusedRequest(403, 'Cross-site requests to /_local/ are not allowed');
  const { origin } = incoming.headers;
  if (incoming.method !== 'GET' && origin !== undefined && origin !== `http://${host}`)
    throw new RefusedRequest(403, `${incoming.method} requests to /_local/ from ${origin} are not allowed`);
}

const loopback = /^(127\.|::1$)/;

const localHosts = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;
