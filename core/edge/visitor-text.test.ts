import { expect, it } from 'vitest';
import { keepCampaign, keepReferrer, redactEmails } from './visitor-text.ts';

it.each([
  ['', ''],
  ['email=ada@example.com', ''],
  ['utm_source=bio&email=ada%40example.com&utm_medium=social', 'utm_source=bio&utm_medium=social'],
  ['utm_email=ada@example.com&utm_id=7', 'utm_id=7'],
  ['utm_source=a&utm_source=b', 'utm_source=a'],
  ['gclid=Cj0KCQ&fbclid=IwAR0', 'gclid=&fbclid='],
  ['gad_source=1&gbraid=0AAA&li_fat_id=7f&ScCid=x&mc_eid=ada', 'gad_source=&gbraid=&li_fat_id=&ScCid=&mc_eid='],
  ['UTM_Source=bio&GCLID=Cj0KCQ&sccid=7', 'utm_source=bio&gclid=&ScCid='],
  ['a=1&amp;utm_source=bio&amp;fbclid=IwAR0', 'utm_source=bio&fbclid='],
  ['utm_content=ada%2540example.com', 'utm_content=%5Bemail%5D'],
  ['utm_source=caf%C3%A9+bar', 'utm_source=caf%C3%A9+bar'],
])('keeps of the query %s what enrich reads: %s', (query, kept) => {
  expect(keepCampaign(query)).toBe(kept);
});

it.each([
  ['https://mail.example/inbox?user=ada#m7', 'https://mail.example/inbox'],
  ['https://a.example/reset/ada@example.com', 'https://a.example/reset/[email]'],
  ['android-app://org.telegram.messenger/', 'android-app://org.telegram.messenger/'],
])('keeps the host and path of the referrer %s', (referrer, kept) => {
  expect(keepReferrer(referrer)).toBe(kept);
});

it.each([
  ['ada@example.com', '[email]'],
  ['Inbox of Ada.Lovelace+news@mail.example.co.uk (3)', 'Inbox of [email] (3)'],
  ['/u/ada%40example.com/orders', '/u/[email]/orders'],
  ['/u/ada%2540example%252Ecom', '/u/[email]'],
  ['grüße@münchen.example', '[email]'],
  ['a@xn--mnchen-3ya.xn--p1ai', '[email]'],
  // As browsers write them in a path.
  ['/u/ada@m%C3%BCnchen.example/orders', '/u/[email]/orders'],
  ['/u/ada%40m%25C3%25BCnchen.example', '/u/[email]'],
  ['/u/%D0%B0%D0%B4%D0%B0@%D0%BF%D0%BE%D1%87%D1%82%D0%B0.%D1%80%D1%84', '/u/[email]'],
  ['ada＠example.com', '[email]'],
  ['/u/ada%EF%BC%A0example.com', '/u/[email]'],
])('redacts the addresses in %s', (text, redacted) => {
  expect(redactEmails(text)).toBe(redacted);
});

it.each([
  'https://medium.example/@ada/story',
  'https://maps.example/@48.2,16.3,15z',
  'https://cdn.example/react@18.2.0/index.js',
  'at 5@home',
  '100%40',
])('leaves %s as it is', (text) => {
  expect(redactEmails(text)).toBe(text);
});

it.each<[name: string, build: (length: number) => string]>([
  ['a local part', (length) => 'a'.repeat(length) + '@'],
  ['escaped at signs', (length) => '%40'.repeat(length / 3)],
  ['a host', (length) => 'a@' + 'b.'.repeat(length / 2)],
  ['at signs', (length) => 'a@'.repeat(length / 2)],
  ['half a character', (length) => 'a@' + '%C3'.repeat(length / 3)],
  ['escapes of escapes', (length) => '@%' + '25'.repeat(length / 2)],
  ['escaped labels', (length) => 'a@' + '%25C3.'.repeat(length / 6)],
  ['addresses', (length) => 'a@%C3.'.repeat(length / 6)],
])('takes linear time for a hostile text: %s', (_name, build) => {
  const [short, long] = [build(15_000), build(120_000)];
  redactEmails(short);
  // Eight times the text: a quadratic time would be 64 times as long.
  expect(cpuTime(() => redactEmails(long))).toBeLessThan(24 * cpuTime(() => redactEmails(short)) + 100);
});

/** Returns milliseconds. Unlike the time on the clock, they do not grow when other processes run. */
function cpuTime(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
