import { z } from 'zod';

export interface Place {
  /** ISO 3166-1 alpha-2 */
  country: string | null;
  region: string | null;
  city: string | null;
}

/** Looks up a canonical address. Returns NULL if the database does not contain it. */
export type Geography = (address: string) => Place | null;

/** Parses a record of either schema. Returns undefined if it matches neither. */
export function placeOfRecord(record: unknown): Place | undefined {
  const plain = flat.safeParse(record);
  if (plain.success)
    return {
      country: countryOf(plain.data.country_code),
      region: plain.data.state1 || null,
      city: plain.data.city || null,
    };
  const deep = nested.safeParse(record);
  if (!deep.success) return undefined;
  return {
    country: countryOf(deep.data.country.iso_code),
    region: deep.data.subdivisions?.[0]?.names.en ?? null,
    city: deep.data.city?.names.en ?? null,
  };
}

const names = z.object({ names: z.object({ en: z.string() }) });

/** MaxMind's own schema: GeoLite2 City, GeoIP2 City. */
const nested = z.object({
  country: z.object({ iso_code: z.string() }),
  subdivisions: z.array(names).optional().catch(undefined),
  city: names.optional().catch(undefined),
});

/** The flat schema of ip-location-db: `country_code`, `state1`, `city` as text. */
const flat = z.object({
  country_code: z.string(),
  state1: z.string().optional().catch(undefined),
  city: z.string().optional().catch(undefined),
});

const countryPattern = /^[A-Z]{2}$/;

/** Parses a country code from CloudFront or a database. `XX` and `ZZ` mean unknown: NULL. */
export function countryOf(code: string | null | undefined): string | null {
  return code && countryPattern.test(code) && code !== 'XX' && code !== 'ZZ' ? code : null;
}
