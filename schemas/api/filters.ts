import { z } from 'zod';

/** What stats, dashboards and ledgers can be narrowed to; a filter may ask for the lake instead of the counters. */
export const filterNames = [
  'country',
  'region',
  'city',
  'device',
  'browser',
  'os',
  'referrer',
  'host',
  'language',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'link',
] as const;
export type FilterName = (typeof filterNames)[number];

const value = z.string().min(1).max(253).optional();

/** `?country=AT&city=Wien`; all of them must hold. */
export const filterQuery = {
  country: value,
  region: value,
  city: value,
  device: value,
  browser: value,
  os: value,
  referrer: value,
  host: value,
  language: value,
  utm_source: value,
  utm_medium: value,
  utm_campaign: value,
  link: value,
} satisfies Record<FilterName, typeof value>;
