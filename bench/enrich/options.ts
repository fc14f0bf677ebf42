import { randomBytes } from 'node:crypto';
import { createSalt } from '../../core/visitors/identity.ts';
import { hmacKey } from '../../core/visitors/hmac.ts';
import { ulidOf } from '../../core/ulid.ts';
import type { EnrichOptions } from '../../functions/enrich/enrich.ts';

/** Options of enrich without a catalog: no page has settings, each date has a salt, and the time stands still. */
export function createEnrichOptions(
  now: number,
  { lake, geography }: Pick<EnrichOptions, 'lake' | 'geography'>,
): EnrichOptions {
  const key = hmacKey(randomBytes(32));
  return {
    lake,
    ownHosts: ['go.example'],
    pages: { get: async () => undefined },
    salts: { saltsOf: async (dates) => new Map(Array.from(dates.keys(), (date) => [date, createSalt(key)])) },
    showRecent: async () => {},
    geography,
    now: () => now,
    ulid: () => ulidOf(now, randomBytes(16)),
  };
}
