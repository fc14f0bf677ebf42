import { BlockList, isIP, isIPv6 } from 'node:net';

/** What a request says that would have gone to another address. */
export const notPublic = 'leads to an address that is not public';

/** Returns true for a public IP address, false for any other text. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  return !refused[family].check(address, family);
}

/**
 * Networks that link checks never connect to: IANA's special-purpose registries (RFC 6890 and successors). Cloud metadata
 * addresses are link-local or unique local.
 */
const v4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Includes addresses that embed an IPv4 address (mapped, NAT64, 6to4, Teredo), because a relay would reach it. */
const v6 = [
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const refused = { ipv4: listOf(v4, 'ipv4'), ipv6: listOf(v6, 'ipv6') };

// One list per family: in a shared list `::ffff:0:0/96` would match every IPv4 address.
function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = '0'] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
