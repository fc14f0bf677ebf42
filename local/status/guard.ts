import type { IncomingMessage } from 'node:http';
import { RefusedRequest, unmapAddress } from '../edge/request.ts';

/**
 * Lets through what comes from this machine's own user: the peer is loopback, the Host is ours (a name that was
 * rebound to 127.0.0.1 is not), and no other site's page is behind it.
 *
 * @throws {RefusedRequest}
 */
export function guardLocal(incoming: IncomingMessage): void {
  const peer = unmapAddress(incoming.socket.remoteAddress ?? '');
  if (!loopback.test(peer)) throw new RefusedRequest(403, '/_local/ answers this machine only');
  const host = incoming.headers.host ?? '';
  if (!localHosts.test(host)) throw new RefusedRequest(403, `/_local/ does not answer to the host name ${host}`);
  const site = incoming.headers['sec-fetch-site'];
  const navigation = incoming.method === 'GET' && incoming.headers['sec-fetch-mode'] === 'navigate';
  if (site === 'cross-site' && !navigation) throw new RefusedRequest(403, '/_local/ answers its own pages only');
  const { origin } = incoming.headers;
  if (incoming.method !== 'GET' && origin !== undefined && origin !== `http://${host}`)
    throw new RefusedRequest(403, `/_local/ takes no ${incoming.method} from ${origin}`);
}

const loopback = /^(127\.|::1$)/;

const localHosts = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;
