import { BlockList, isIP } from 'node:net';
import { scannerAgents, type ScannerNetwork, scannerNetworks } from './scanner-list.ts';

/** The properties of a request that show where it came from. */
export interface Origin {
  /** From CloudFront; NULL if it sent none. Without it, no network is recognized. */
  asn: number | null;
  address: string | null;
  /** Operating system family of the user agent. */
  os: string | null;
}

/** Returns the name of the mail scanner whose network sent the request, or NULL. */
export function matchScannerNetwork({ asn, address, os }: Origin): string | null {
  const network = asn === null ? undefined : networks.get(asn);
  if (network === undefined) return null;
  const { only, ranges, name } = network;
  if (only === undefined) return name;
  return (os !== null && os !== only.peopleUse) || isWithin(ranges, address) ? name : null;
}

interface Network extends ScannerNetwork {
  ranges: BlockList;
}

const networks: ReadonlyMap<number, Network> = new Map(
  scannerNetworks.map((network) => [network.asn, { ...network, ranges: buildRanges(network) }]),
);

function buildRanges({ only }: ScannerNetwork): BlockList {
  const list = new BlockList();
  for (const range of only?.ranges ?? []) {
    const [start = '', bits] = range.split('/');
    list.addSubnet(start, Number(bits), familyOf(start));
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function isWithin(ranges: BlockList, address: string | null): boolean {
  return address !== null && isIP(address) !== 0 && ranges.check(address, familyOf(address));
}

/** Returns the name of the mail scanner that sends a user agent, or NULL. */
export function matchScannerAgent(userAgent: string): string | null {
  return scannerAgents.find(({ pattern }) => pattern.test(userAgent))?.name ?? null;
}
