import { localTimeOf } from '../../core/enrich/local-time.ts';
import type { ReclassificationRule } from '../../core/settle/rules.ts';
import type { EventRow } from '../../schemas/event.ts';
import { eventRow } from '../../test/raw-file.ts';

export const day = '2026-11-22';
export const settledAt = Date.parse('2026-11-24T06:11:00Z');
/** Seconds in which repeats count once, with and without a known port. */
export const windows = { known: 10, unknown: 2 } as const;

/** Pages and their time zones: one with half hours, one whose UTC date is another. */
export const zones = { '/ada': 'Europe/Vienna', '/kol': 'Asia/Kolkata', "/o'neil": 'America/Los_Angeles' } as const;
const pages = Object.keys(zones) as (keyof typeof zones)[];

export const rules: readonly ReclassificationRule[] = [
  { id: '01A', page: null, field: 'asn', value: '64500', outcome: 'bot' },
  { id: '01B', page: '/ada', field: 'referrer', value: "it's.example", outcome: 'bot' },
  { id: '01C', page: '/kol', field: 'bot', value: 'Übot 😀', outcome: 'counted' },
  { id: '01D', page: null, field: 'visitor', value: '-9007199254740993', outcome: 'bot' },
  { id: '01E', page: '/ada', field: 'rule', value: 'behavior.too-fast', outcome: 'counted' },
];

const events = 4_000;
const hosts = [null, null, "it's.example", 'instagram.com', 'bücher.example'];
const cities = ['Wien', 'São Paulo', "Coeur d'Alene", '東京', null];

/**
 * Creates events over 30 hours, always the same: repeats in chains, redeliveries, later arrivals of the same event,
 * failures that were sent again, sessions over hours and dates, bots by behavior, and 64-bit ids of both signs.
 */
export function createPopulation(): EventRow[] {
  const random = createRandom(11);
  const rows: EventRow[] = [];
  let at = Date.parse(`${day}T00:10:00Z`);
  for (let number = 0; number < events; number++) {
    // Bursts, so that chains of repeats are longer than their window.
    at += random() < 0.8 ? Math.floor(random() * 4_000) : Math.floor(random() * 125_000);
    const row = createEvent(number, at, random);
    rows.push(row);
    if (random() < 0.05) rows.push(row);
    if (random() < 0.05) rows.push({ ...row, received_at: at + 1 + Math.floor(random() * 5_000), repeat_key: null });
    if (random() < 0.02) rows.push({ ...row, outcome: 'failed', outcome_rule: 'failed.test', received_at: at - 1 });
  }
  return [...rows, ...walkLinks(), ...refuseMethods()];
}

function createEvent(number: number, at: number, random: () => number): EventRow {
  function pick<T>(values: readonly T[]): T {
    return values[Math.floor(random() * values.length)] as T;
  }
  const page = pick(pages);
  const view = random() < 0.4;
  const bot = random() < 0.1;
  const visitor = Math.floor(random() * 12);
  return eventRow({
    event_id: (BigInt(number) + 1n) * 2_305_843_009_213n * (number % 2 === 0 ? 1n : -1n),
    ...timesOf(page, at),
    event_type: view ? 'page_view' : 'link_click',
    page_path: random() < 0.02 ? null : page,
    link_id: view ? null : pick(['k3x9', 'k3x9~b', `l${page.length}`]),
    // As two people typed it.
    campaign_id: view || number % 3 === 0 ? null : number % 3 === 1 ? ' Spring' : 'spring',
    outcome: bot ? 'bot' : 'counted',
    outcome_rule: bot ? 'user-agent.isbot' : 'counted',
    bot_name: bot ? pick(['Übot 😀', 'Examplebot']) : null,
    visitor_id: visitor === 0 ? null : visitor === 1 ? -9_007_199_254_740_993n : BigInt(visitor) * 1_000_003n,
    session_id: random() < 0.1 ? BigInt(number) * 2n : null,
    repeat_key: view ? null : BigInt(Math.floor(random() * 6)) - 3n,
    ...pick([
      {},
      {},
      {},
      { consented_id: 'person@example' },
      { consented_id: 'o’neil', anonymous_id: `d${number % 9}` },
    ]),
    asn: pick([null, 64500, 64501]),
    country: pick(['US', 'AT', 'IN', null]),
    city: pick(cities),
    browser: pick(['Safari', 'Chrome', null]),
    referrer_host: pick(hosts),
    utm_source: pick([null, 'mail', 'a|b']),
    utm_campaign: pick([null, 'spring']),
    language: pick([null, 'de-AT', 'en']),
    properties: random() < 0.1 ? '{"requested":"/x\\"y"}' : null,
  });
}

function timesOf(page: keyof typeof zones, at: number) {
  const local = localTimeOf(zones[page], at);
  return { occurred_at: at, received_at: at, local_hour: local.hour, local_date: local.date };
}

/** A visitor who opens ten links within eight seconds, each without a referrer: a program. */
function walkLinks(): EventRow[] {
  return Array.from({ length: 10 }, (_, link) =>
    eventRow({
      ...timesOf('/ada', Date.parse(`${day}T07:20:00Z`) + link * 700),
      event_id: BigInt(1_000 + link),
      link_id: `w${link}`,
      visitor_id: 77n,
      referrer_class: 'direct',
    }),
  );
}

/** A visitor whose requests were refused for their method, among others that counted. */
function refuseMethods(): EventRow[] {
  return Array.from({ length: 6 }, (_, number) =>
    eventRow({
      ...timesOf('/kol', Date.parse(`${day}T07:40:00Z`) + number * 60_000),
      event_id: BigInt(2_000 + number),
      page_path: '/kol',
      visitor_id: 78n,
      ...(number % 2 === 0 && { outcome: 'refused' as const, outcome_rule: 'method.DELETE', method: 'DELETE' }),
    }),
  );
}

/** Returns numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function createRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
