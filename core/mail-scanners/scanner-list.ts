/**
 * Networks and user agents of services that open the links of a mail before or instead of the person it is for: mail
 * gateways, their sandboxes, and Office.
 *
 * A network is listed if it belongs to a mail filter and people do not reach the web through it. That leaves out Zscaler,
 * Netskope, Cisco Umbrella, Forcepoint, Menlo, Palo Alto, Check Point, Fortinet and Sophos, whose networks carry the web
 * traffic of whole companies, and clouds such as AWS, where scanners share addresses with customers' servers and VPNs.
 * Holders of the networks: registries and routes as of 2026-06-17 (DB-IP, RouteViews).
 *
 * docs/counting.md lists the decisions. To change the list, edit it, set `asOf`, and add a case to `match-scanner.test.ts`.
 */
export const asOf = '2026-11-28';

export interface ScannerNetwork {
  asn: number;
  /** Becomes `bot_name`. */
  name: string;
  /** Set if people use the network too: then only these of its requests are a scanner's. @default - all requests */
  only?: {
    /** CIDR ranges that send no person's requests. */
    ranges: readonly string[];
    /** Operating system of the people in the network, so that any other is a scanner's. */
    peopleUse: string;
  };
  source: string;
}

const proofpoint = 'https://github.com/mautic/mautic/issues/9798';
const mimecast = 'https://mimecastsupport.zendesk.com/hc/en-us/articles/34000659090707';
const cisco = 'https://docs.ces.cisco.com/docs/url-defense';
const trendMicro = 'https://helpcenter.trendmicro.com/en-us/article/tmka-18762';

export const scannerNetworks: readonly ScannerNetwork[] = [
  { asn: 22843, name: 'Proofpoint', source: proofpoint },
  { asn: 26211, name: 'Proofpoint', source: proofpoint },
  { asn: 52129, name: 'Proofpoint', source: proofpoint },
  { asn: 13916, name: 'Proofpoint', source: proofpoint },
  { asn: 30031, name: 'Mimecast', source: mimecast },
  { asn: 33538, name: 'Mimecast', source: mimecast },
  { asn: 397726, name: 'Mimecast', source: mimecast },
  { asn: 39588, name: 'Mimecast', source: mimecast },
  { asn: 42427, name: 'Mimecast', source: mimecast },
  { asn: 60492, name: 'Mimecast', source: mimecast },
  { asn: 208638, name: 'Mimecast', source: mimecast },
  { asn: 136792, name: 'Mimecast', source: mimecast },
  { asn: 37235, name: 'Mimecast', source: mimecast },
  { asn: 16417, name: 'Cisco Secure Email', source: cisco },
  { asn: 30215, name: 'Cisco Secure Email', source: cisco },
  { asn: 30238, name: 'Cisco Secure Email', source: cisco },
  { asn: 40427, name: 'Cisco Secure Email', source: cisco },
  { asn: 15324, name: 'Barracuda', source: 'https://wordtothewise.com/2013/07/barracuda-filters-clicking-all-links/' },
  { asn: 16880, name: 'Trend Micro', source: trendMicro },
  { asn: 132229, name: 'Trend Micro', source: trendMicro },
  { asn: 7583, name: 'Symantec', source: 'https://knowledge.broadcom.com/external/article?legacyId=TECH230547' },
  {
    asn: 8075,
    name: 'Microsoft Defender',
    only: {
      ranges: [
        // Exchange Online Protection: https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges
        '40.92.0.0/15',
        '40.107.0.0/16',
        '52.100.0.0/14',
        '52.238.78.88/32',
        '104.47.0.0/17',
        '2a01:111:f400::/48',
        '2a01:111:f403::/48',
        // Safe Links: https://stackoverflow.com/q/67179134, https://github.com/mautic/mautic/issues/9400
        '40.94.0.0/16',
      ],
      // Windows 365, Azure Virtual Desktop and gateways in Azure give people Microsoft's addresses.
      peopleUse: 'Windows',
    },
    source: 'https://learn.microsoft.com/en-us/answers/a/12221247',
  },
];

/** User agents that only a mail scanner sends. */
export const scannerAgents: readonly { name: string; pattern: RegExp; source: string }[] = [
  {
    name: 'Barracuda',
    pattern: /\bbarracuda ?(?:sentinel|central)\b/i,
    source: 'https://www.braze.com/docs (bot click filtering)',
  },
  {
    name: 'Gmail',
    pattern: / Edge\/12\.246 Mozilla\/5\.0$/,
    source: 'https://www.gmass.co/blog/false-opens-in-gmail/',
  },
  {
    name: 'Proofpoint',
    pattern: /\bproofpoint\b/i,
    source: 'https://check.live-direct-marketing.online/blog/bot-clicks-security-scanners-detect',
  },
  {
    name: 'Mimecast',
    pattern: /\bmimecast\b/i,
    source: 'https://check.live-direct-marketing.online/blog/bot-clicks-security-scanners-detect',
  },
];

/**
 * Office itself, which requests a link with HEAD and then GET before it starts the browser.
 * @see https://superuser.com/questions/1359127/excel-click-on-hyperlink-calls-url-three-times
 */
export const office = /\bms-office\b|^Microsoft Office\b/i;
