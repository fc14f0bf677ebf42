import { expect, test } from 'vitest';
import { enrichEvent, unknownPage } from '#core/enrich/enrich-event.ts';
import { readMessage } from '#core/enrich/read-message.ts';
import type { EventRow } from '#schemas/event.ts';
import { matchScannerAgent, matchScannerNetwork } from './match-scanner.ts';
import { asOf, scannerAgents, scannerNetworks } from './scanner-list.ts';
import { clickMessage } from '#test/click-message.ts';

const windows =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const sentAt = Date.UTC(2026, 10, 28, 7);
const context = { geography: () => null, settingsOf: () => unknownPage, saltOf: () => null };

/** A click with the headers of a browser. */
function click(part: object): EventRow {
  const headers = {
    userAgent: windows,
    referrer: null,
    accept: 'text/html,*/*;q=0.8',
    acceptLanguage: 'en-US,en;q=0.9',
  };
  const message = clickMessage(sentAt, { headers, ...part });
  return enrichEvent(readMessage({ messageId: 'm', body: JSON.stringify(message), sentAt }), context).row;
}

test('three scans of a mail and one person are one click', () => {
  const rows = [
    click({ asn: 22_843, address: '148.163.148.22' }),
    click({ asn: 8075, address: '40.94.29.84' }),
    click({ asn: 30_031, address: '205.139.110.10' }),
    click({ asn: 3320, address: '203.0.113.7' }),
  ];
  expect(rows.map(({ outcome }) => outcome)).toEqual(['bot', 'bot', 'bot', 'counted']);
  expect(rows.slice(0, 3).map((row) => [row.outcome_rule, row.bot_name, row.asn])).toEqual([
    ['network.mail-scanner', 'Proofpoint', 22_843],
    ['network.mail-scanner', 'Microsoft Defender', 8075],
    ['network.mail-scanner', 'Mimecast', 30_031],
  ]);
});

test.for([
  ['a person’s provider', { asn: 3320, address: '203.0.113.7', os: 'Windows' }, null],
  ['no network known', { asn: null, address: '40.94.29.84', os: 'Windows' }, null],
  ['first address of a range', { asn: 8075, address: '104.47.0.0', os: 'Windows' }, 'Microsoft Defender'],
  ['last address of a range', { asn: 8075, address: '104.47.127.255', os: 'Windows' }, 'Microsoft Defender'],
  ['next address', { asn: 8075, address: '104.47.128.0', os: 'Windows' }, null],
  ['a range over IPv6', { asn: 8075, address: '2a01:111:f400:fe0c::1', os: 'Windows' }, 'Microsoft Defender'],
  ['another network over IPv6', { asn: 8075, address: '2603:1030::1', os: 'Windows' }, null],
  ['an unknown system', { asn: 8075, address: '20.42.0.1', os: null }, null],
  ['a phone in Microsoft’s cloud', { asn: 8075, address: '20.42.0.1', os: 'iOS' }, 'Microsoft Defender'],
  ['an invalid address', { asn: 8075, address: 'localhost', os: 'Windows' }, null],
  ['a company’s web proxy (Zscaler)', { asn: 62_044, address: '165.225.0.1', os: 'Windows' }, null],
] as const)('%s', ([, origin, name]) => {
  expect(matchScannerNetwork(origin)).toBe(name);
});

test('every network is listed once, with a source, and the list has a date', () => {
  const asns = scannerNetworks.map(({ asn }) => asn);
  expect(new Set(asns).size).toBe(asns.length);
  expect(Date.parse(asOf)).not.toBeNaN();
  for (const { source } of [...scannerNetworks, ...scannerAgents]) expect(source).toMatch(/^https:\/\//);
});

test('a browser is no scanner', () => {
  expect(matchScannerAgent(windows)).toBeNull();
  expect(matchScannerAgent('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Safari/537.36 Edge/12.246')).toBeNull();
  expect(
    matchScannerAgent(`${windows.replace('Chrome/131.0.0.0', 'Chrome/42.0.2311.135')} Edge/12.246 Mozilla/5.0`),
  ).toBe('Gmail');
});
