import type { Role } from '#schemas/catalog.ts';
import type { ChannelService } from '#schemas/channels.ts';
import type { DimensionName } from '#schemas/dimensions.ts';
import type { EventType, Outcome, ReferrerClass } from '#schemas/event.ts';

const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });

const devices: Readonly<Record<string, string>> = {
  mobile: 'Phone',
  tablet: 'Tablet',
  desktop: 'Computer',
  tv: 'TV',
  console: 'Console',
  wearable: 'Wearable',
  embedded: 'Embedded',
  other: 'Other',
};

const sources: Readonly<Record<ReferrerClass, string>> = {
  direct: 'Direct',
  search: 'Search',
  social: 'Social',
  email: 'Email',
  ai: 'AI assistants',
  paid: 'Paid',
  internal: 'Your own pages',
  other: 'Other sites',
};

export const serviceNames: Readonly<Record<ChannelService, string>> = {
  slack: 'Slack',
  discord: 'Discord',
  teams: 'Microsoft Teams',
  telegram: 'Telegram',
  webhook: 'Webhook',
};

export const roleNames: Readonly<Record<Role, string>> = { admin: 'Admin', agency: 'Agency', creator: 'Creator' };

export const outcomeNames: Readonly<Record<Outcome, string>> = {
  counted: 'Counted',
  bot: 'Bots',
  preview: 'Link previews',
  prefetch: 'Prefetches',
  head: 'Link checks',
  duplicate: 'Duplicates',
  disabled: 'Disabled links',
  expired: 'Expired links',
  refused: 'Refused',
  failed: 'Failed',
  identify: 'Identify calls',
};

/** Returns the outcome of one event: `Counted`. */
export function outcomeName(outcome: Outcome): string {
  return `${outcome.slice(0, 1).toUpperCase()}${outcome.slice(1)}`;
}

interface NamedEvent {
  type: EventType;
  name: string | null;
  link: string | null;
}

/** Returns what happened: `Page view`, `Click on spring`, `signup`. */
export function eventName({ type, name, link }: NamedEvent): string {
  switch (type) {
    case 'page_view':
      return 'Page view';
    case 'link_click':
      return link === null ? 'Outbound click' : `Click on ${link}`;
    case 'custom':
      return name ?? 'Event';
    default:
      return type satisfies never;
  }
}

const sdks: Readonly<Record<string, string>> = {
  tracker: 'Tracker',
  pixel: 'Pixel',
  posthog: 'PostHog',
  segment: 'Segment',
  rudderstack: 'RudderStack',
  plausible: 'Plausible',
  umami: 'Umami',
  goatcounter: 'GoatCounter',
  openpanel: 'OpenPanel',
  snowplow: 'Snowplow',
  mixpanel: 'Mixpanel',
  amplitude: 'Amplitude',
  jitsu: 'Jitsu',
  matomo: 'Matomo',
};

export function sdkName(sdk: string): string {
  return sdks[sdk] ?? sdk;
}

/** Returns the name of a dimension's value; null and the empty one group the events without a value. */
export function valueName(dimension: DimensionName, value: string | null): string {
  if (value === null || value === '') return 'Unknown';
  if (dimension === 'city') return cityName(value);
  if (dimension === 'country') return countryName(value);
  if (dimension === 'language') return displayName(languages, value);
  if (dimension === 'device') return devices[value] ?? value;
  if (dimension === 'referrer') return isSource(value) ? sources[value] : value;
  return value;
}

/** Returns whether the values of a dimension are codes, which are shown by other names. */
export function hasNames(dimension: DimensionName): boolean {
  return dimension === 'country' || dimension === 'language' || dimension === 'device';
}

/** `Wien, Austria` for `AT/Wien`; the country may be missing. */
function cityName(value: string): string {
  const { country, city } = splitCity(value);
  return country === '' ? city : `${city}, ${countryName(country)}`;
}

/** @param value a city, or with its country: `AT/Wien` */
export function splitCity(value: string): { country: string; city: string } {
  const slash = value.indexOf('/');
  return { country: value.slice(0, Math.max(0, slash)), city: value.slice(slash + 1) };
}

const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

/** `Austria` for `AT`. */
export function countryName(code: string): string {
  return displayName(countries, code);
}

function displayName(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

function isSource(value: string): value is ReferrerClass {
  return value in sources;
}
