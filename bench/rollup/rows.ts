import type { EventRow } from '../../schemas/event.ts';
import { eventRow } from '../../test/raw-file.ts';
import { createRandom } from '../detect/series-generator.ts';

const hour = Date.parse('2026-11-22T06:00:00Z');
const countries = 'US DE GB FR IN BR JP ES IT MX CA AU NL SE PL TR ZA NG KE AR'.split(' ');
const browsers = ['Chrome', 'Safari', 'Instagram', 'Firefox', 'Samsung Internet', 'Edge', 'Facebook', 'Opera'];
const systems = ['iOS', 'Android', 'Windows', 'macOS', 'Linux'];
const classes = ['social', 'direct', 'search', 'email', 'other'] as const;
const devices = ['mobile', 'desktop', 'tablet'] as const;

/**
 * Creates one hour of clicks on 2,000 links of 50 pages with a Zipf skew; one in ten is a bot's. A seed gives the same
 * rows every time.
 */
export function createRows(seed: number, links = 2_000): (count: number) => EventRow[] {
  const random = createRandom(seed);
  const link = createZipf(links, random);
  function pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(from.length * random() ** 2)];
  }
  function row(): EventRow {
    const place = link();
    const at = hour + Math.floor(random() * 3_600_000);
    function bits(): bigint {
      return BigInt(Math.floor(random() * 2 ** 53)) * 1021n;
    }
    return eventRow({
      event_id: bits(),
      visitor_id: bits(),
      repeat_key: bits(),
      occurred_at: at,
      received_at: at,
      link_id: `l${place}`,
      page_path: `/p${place % 50}`,
      campaign_id: place % 4 === 0 ? `c${place % 12}` : null,
      outcome: random() < 0.1 ? 'bot' : 'counted',
      country: pick(countries) ?? null,
      browser: pick(browsers) ?? null,
      os: pick(systems) ?? null,
      referrer_class: pick(classes) ?? null,
      device_type: pick(devices) ?? null,
    });
  }
  return (count) => Array.from({ length: count }, row);
}

/** Picks an index below `size` with a Zipf skew: the n-th is 1/n as likely as the first. */
function createZipf(size: number, random: () => number): () => number {
  const cumulated: number[] = [];
  let sum = 0;
  for (let place = 1; place <= size; place += 1) cumulated.push((sum += 1 / place));
  return () => {
    const target = random() * sum;
    let [low, high] = [0, size - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulated[middle] ?? sum) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
