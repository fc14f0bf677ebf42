import { isIP, isIPv6 } from 'node:net';

export interface ViewerAddress {
  address: string | null;
  port: number | null;
}

/**
 * Reads `cloudfront-viewer-address`: `203.0.113.7:46532`, or `2001:db8::1:46532` without brackets.
 *
 * `portOptional` is for replayed requests, whose log has no ports: `2001:db8::1` is then an address, not port 1.
 * An invalid address is passed on (at most 64 characters), so that enrich reports it in the failed event.
 */
export function parseViewerAddress(value: string | undefined, portOptional: boolean): ViewerAddress {
  if (value === undefined || value === '') return unknown;
  if (portOptional && isIP(value) !== 0) return { address: value, port: null };
  return withPort(value) ?? { address: value.slice(0, 64), port: null };
}

const unknown: ViewerAddress = { address: null, port: null };

function withPort(value: string): ViewerAddress | undefined {
  const colon = value.lastIndexOf(':');
  const address = value.slice(0, colon);
  const port = Number(value.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1 || port > 65_535 || isIP(address) === 0) return undefined;
  return { address, port };
}

/** Returns the network that shares a limit: the address itself, or the first 64 bits that an IPv6 customer has. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail.split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
