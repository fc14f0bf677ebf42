import type { ClickMessage } from '../../schemas/click-message.ts';
import { createRandom } from '../enrich/traffic.ts';

/** One tap of a generated person. */
export type Tap = Pick<ClickMessage, 'occurredAt' | 'link' | 'address' | 'port' | 'query'> & {
  userAgent: string;
  referrer: string | null;
};

const minute = 60_000;

const phones = Array.from(
  { length: 12 },
  (_, at) =>
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_${at} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.${at} Mobile/15E148 Safari/604.1`,
);

const desktops = [131, 130, 128].map(
  (version) =>
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`,
);

/**
 * People behind carrier networks: 10 addresses, 12 user agents of which the first is a third of all, so that many people
 * are one visitor. 12,000 taps on 12 links in an evening, half of them within ten minutes of a post. Two thirds come from
 * apps without a referrer.
 */
export function carrierPeople(page: string, start: number): Tap[] {
  const random = createRandom(11);
  return Array.from({ length: 12_000 }, () => ({
    occurredAt: Math.floor(start + random() * (random() < 0.5 ? 10 : 180) * minute),
    link: `c${popular(random, 12)}`,
    address: `100.64.0.${1 + Math.floor(random() * 10)}`,
    port: 1024 + Math.floor(random() * 60_000),
    query: '',
    userAgent: phones[popular(random, phones.length)] ?? '',
    referrer: random() < 0.67 ? null : `https://go.example${page}`,
  }));
}

/**
 * Offices: 40 addresses with 20 to 400 people and three user agents. Each office gets a mail with 15 links, opened within
 * three hours, half within the first 15 minutes. A third of the people opens none, the others 1.8 on average, a keen reader
 * ten or more, some every second in new tabs. Mail programs send no referrer.
 */
export function officePeople(start: number): Tap[] {
  const random = createRandom(12);
  return Array.from({ length: 40 }, (_, office) =>
    Array.from({ length: Math.floor(20 * 20 ** random()) }, () => readerTaps(office, start, random)).flat(),
  ).flat();
}

function readerTaps(office: number, start: number, random: () => number): Tap[] {
  const userAgent = desktops[popular(random, desktops.length)] ?? '';
  const opens = random() < 0.33 ? 0 : geometric(random, 0.45);
  const pace = random() < 0.1 ? 1_000 : 15_000;
  let at = start + random() * (random() < 0.5 ? 15 : 180) * minute;
  return Array.from({ length: Math.min(opens, 15) }, () => {
    at += pace * (0.5 + random());
    return {
      occurredAt: Math.floor(at),
      link: `o${popular(random, 15)}`,
      address: `198.51.100.${office}`,
      port: 1024 + Math.floor(random() * 60_000),
      query: 'utm_source=digest&utm_medium=email',
      userAgent,
      referrer: null,
    };
  });
}

/**
 * Sandboxes of mail gateways that run in common clouds, so that only their behavior gives them away: each opens the 12
 * links of a mail within 10 seconds, or within two minutes, from the address of a cloud.
 */
export function sandboxes(start: number): Tap[] {
  const random = createRandom(13);
  return Array.from({ length: 100 }, (_, sandbox) => {
    const from = start + random() * 150 * minute;
    const length = sandbox % 2 === 0 ? 10_000 : 2 * minute;
    return Array.from({ length: 12 }, (_, link) => ({
      occurredAt: Math.floor(from + (length * (link + random())) / 12),
      link: `s${link}`,
      address: `192.0.2.${sandbox}`,
      port: 1024 + Math.floor(random() * 60_000),
      query: '',
      userAgent: desktops[sandbox % desktops.length] ?? '',
      referrer: null,
    }));
  }).flat();
}

/** Returns 0 most often. */
function popular(random: () => number, size: number): number {
  return Math.floor(size * random() ** 2);
}

function geometric(random: () => number, more: number): number {
  let count = 1;
  while (random() < more) count += 1;
  return count;
}
