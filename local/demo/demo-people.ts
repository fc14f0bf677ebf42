import { createHash } from 'node:crypto';
import type { DemoPage } from './demo-pages.ts';

export interface Person {
  address: string;
  country: string;
  userAgent: string;
  language: string;
  /** Hash of the id with which they sign in. */
  member: string | null;
}

/** Returns the visitors of a page. Its regulars are the first, because {@link pickFirst} prefers them. */
export function createPeople({ path, visits, countries, members = false }: DemoPage, random: () => number): Person[] {
  return Array.from({ length: visits * 4 }, (_, at) => {
    const country = pickFirst(countries, random);
    const { network, language } = places[country] ?? { network: '192.0', language: 'en', cities: [] };
    return {
      address: `${network}.${Math.floor(random() * networkSize)}.${1 + Math.floor(random() * 250)}`,
      country,
      userAgent: pickFirst(userAgents, random),
      language,
      member: members && at % memberEvery === 0 ? hashMember(path, at) : null,
    };
  });
}

/** One in as many people signs in. */
const memberEvery = 3;

function hashMember(path: string, number: number): string {
  return createHash('sha256').update(`${path} ${number}`).digest('hex').slice(0, 32);
}

/** Returns the city that the demo shows for an address of its people. */
export function cityOf(address: string | null): string | null {
  const [first, second, third] = address?.split('.') ?? [];
  const place = Object.values(places).find(({ network }) => network === `${first}.${second}`);
  return place?.cities[Math.floor(place.cities.length * (Number(third) / networkSize) ** 2)] ?? null;
}

const networkSize = 200;

const places: Readonly<Record<string, { network: string; language: string; cities: readonly string[] }>> = {
  AT: { network: '84.112', language: 'de-AT,de;q=0.9', cities: ['Vienna', 'Graz', 'Linz', 'Salzburg'] },
  DE: { network: '91.10', language: 'de-DE,de;q=0.9,en;q=0.6', cities: ['Berlin', 'Munich', 'Hamburg', 'Cologne'] },
  FR: { network: '90.20', language: 'fr-FR,fr;q=0.9', cities: ['Paris', 'Lyon', 'Nantes'] },
  GB: { network: '81.140', language: 'en-GB,en;q=0.9', cities: ['London', 'Manchester', 'Leeds', 'Bristol'] },
  US: { network: '73.50', language: 'en-US,en;q=0.9', cities: ['New York', 'Chicago', 'Seattle'] },
};

const userAgents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
];

/** Picks an element, the first ones more often. @param steepness 0 picks evenly */
export function pickFirst<T>(from: readonly T[], random: () => number, steepness = 1): T {
  const picked = from[Math.floor(from.length * random() ** (1 + steepness))];
  if (picked === undefined) throw new RangeError('there is nothing to pick from');
  return picked;
}
