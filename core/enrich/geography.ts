import { z } from 'zod';

export interface Place {
  /** ISO 3166-1 alpha-2 */
  country: string | null;
  region: string | null;
  city: string | null;
}

/** Where an address is; NULL where the database does not know it. The address is canonical. */
export type Geography = (address: string) => Place | null;

/** Reads a record of either schema; undefined when it is of neither. */
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

/** A country as CloudFront or a database spells it; `XX` and `ZZ` stand for none. */
export function countryOf(code: string | null | undefined): string | null {
  return code && countryPattern.test(code) && code !== 'XX' && code !== 'ZZ' ? code : null;
}
