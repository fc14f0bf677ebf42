import { normalizeLabel } from './catalog-rules.ts';
import type { EventFieldName } from './event.ts';

/**
 * The one list of dimensions: what events can be filtered and broken down by. API filters, SQL fragments
 * (`queries/fragments.ts`), hot counters, top lists, dashboard labels and panels, and the table in `docs/events.md`
 * derive from it. A new dimension is one entry here and, if its column is new, one line in `schemas/event.ts`.
 */
export interface Dimension {
  /** Column of the event that holds the value. */
  readonly column: EventFieldName;
  /** SQL expression of a value in a breakdown. @default - the column */
  readonly value?: string;
  /** More SQL expressions that a filter's value may equal. */
  readonly alsoMatches?: readonly string[];
  /** Returns a filter's value as it is stored. @default - as it is */
  readonly normalize?: (value: string) => string;
  /**
   * Prefix of its hot counters: `c.US` counts clicks, `vc.US` views. Only for values from a bounded set, because each
   * value becomes an attribute of an item.
   */
  readonly counter?: string;
  /** Settle writes its most frequent values per day; the value is the SQL expression that the list holds. */
  readonly topList?: string;
  /** Section of the dashboard's response that shows its top list. */
  readonly section?: 'cities' | 'hosts' | 'languages' | 'utm' | 'links' | 'events';
  /** Panel of the dashboard's overview that has a tab for it. */
  readonly panel?: 'places' | 'sources' | 'technology' | 'utm';
  /** "Country: Austria" */
  readonly label: string;
  /** Tab and table heading. @default - the label */
  readonly plural?: string;
  readonly description: string;
}

export const dimensions = {
  country: {
    column: 'country',
    counter: 'c',
    panel: 'places',
    label: 'Country',
    plural: 'Countries',
    description: 'ISO 3166-1 alpha-2 code: `AT`',
  },
  region: { column: 'region', label: 'Region', description: 'First subdivision of the country' },
  city: {
    column: 'city',
    value: "country || '/' || city",
    alsoMatches: ["country || '/' || city"],
    topList: "city || ', ' || coalesce(country, '')",
    section: 'cities',
    panel: 'places',
    label: 'City',
    plural: 'Cities',
    description: 'City, or `AT/Wien` for the city in one country',
  },
  device: {
    column: 'device_type',
    counter: 'd',
    panel: 'technology',
    label: 'Device',
    plural: 'Devices',
    description: 'Device type: `mobile`, `tablet`, `desktop`, …',
  },
  browser: {
    column: 'browser',
    counter: 'b',
    panel: 'technology',
    label: 'Browser',
    plural: 'Browsers',
    description: 'Browser family: `Safari`',
  },
  os: {
    column: 'os',
    counter: 'o',
    panel: 'technology',
    label: 'System',
    plural: 'Systems',
    description: 'Operating system family: `iOS`',
  },
  referrer: {
    column: 'referrer_class',
    alsoMatches: ['referrer_name'],
    counter: 'r',
    panel: 'sources',
    label: 'Source',
    plural: 'Types',
    description: 'Type of source, such as `social`, or its name, such as `Instagram`',
  },
  host: {
    column: 'referrer_host',
    topList: 'referrer_host',
    section: 'hosts',
    panel: 'sources',
    label: 'Site',
    plural: 'Sites',
    description: 'Host of the referrer without `www.`: `news.example.com`',
  },
  language: {
    column: 'language',
    topList: 'language',
    section: 'languages',
    panel: 'places',
    label: 'Language',
    plural: 'Languages',
    description: 'First language the browser accepts: `de-AT`',
  },
  utm_campaign: utm('utm_campaign', 'Campaign'),
  utm_source: utm('utm_source', 'Source'),
  utm_medium: utm('utm_medium', 'Medium'),
  utm_id: utm('utm_id', 'ID'),
  click_network: {
    column: 'click_network',
    label: 'Click id',
    plural: 'Click ids',
    description: 'Network whose click id the request had: `Google` for `gclid`',
  },
  variant: {
    column: 'variant',
    counter: 'a',
    label: 'Variant',
    plural: 'Variants',
    description: "Destination of a split test: `A` is the link's own, `B` to `E` its variants in order",
  },
  link: {
    column: 'link_id',
    value: "split_part(link_id, '~', 1)",
    alsoMatches: ["split_part(link_id, '~', 1)"],
    topList: "split_part(link_id, '~', 1)",
    section: 'links',
    label: 'Link',
    plural: 'Links',
    description: 'Short code of the link',
  },
  campaign: {
    column: 'campaign_id',
    // Events of earlier versions have the label as it was typed.
    alsoMatches: ['lower(trim(campaign_id))'],
    normalize: normalizeLabel,
    label: 'Campaign',
    description: 'Label of the campaign that the link had when it was clicked',
  },
  event: {
    column: 'event_name',
    section: 'events',
    label: 'Event',
    plural: 'Events',
    description: 'Name of a custom event: `Order Completed`',
  },
} as const satisfies Record<string, Dimension>;

type Dimensions = typeof dimensions;
export type DimensionName = keyof Dimensions;
export const dimensionNames = Object.keys(dimensions) as DimensionName[];

/** Dimensions with hot counters. */
export type CountedDimension = NameWith<'counter'>;
export const countedDimensions = namesWith('counter');

export function isCounted(name: DimensionName): name is CountedDimension {
  return 'counter' in dimensions[name];
}

/** Dimensions by which a campaign is broken down. */
export const campaignDimensions = ['referrer', 'country', 'device'] as const satisfies readonly CountedDimension[];
export type CampaignDimension = (typeof campaignDimensions)[number];

/** Dimensions with a top list per settled day. */
export const topListDimensions = namesWith('topList');

/** Sections with rows of their own. */
type OwnSection = 'utm' | 'links' | 'events';

/** Sections that hold the top list of one dimension. */
export type ListSection = Exclude<SectionOf<NameWith<'section'>>, OwnSection>;
export const listSections = namesWith('section')
  .map((name) => dimensions[name].section)
  .filter((section) => section !== 'utm' && section !== 'links' && section !== 'events');

/** Keys of the section `utm`: `source` for `utm_source`. */
export type UtmKey = KeyOfUtm<DimensionName>;
export const utmKeys = dimensionNames.flatMap((name) => utmKeyOf(name) ?? []);

/** Returns `source` for `utm_source`, undefined for a dimension that is no UTM parameter. */
export function utmKeyOf(name: DimensionName): UtmKey | undefined {
  return isUtm(name) ? (name.slice('utm_'.length) as UtmKey) : undefined;
}

/** Returns the dimension whose top list a section holds. */
export function dimensionOfSection(section: ListSection): DimensionName {
  const found = namesWith('section').find((name) => dimensions[name].section === section);
  if (found === undefined) throw new TypeError(`no dimension has the section ${section}`);
  return found;
}

/** What a reclassification rule can look at, and the column that holds it. `rule` is the rule that enrich applied. */
export const ruleFields = {
  asn: 'asn',
  bot: 'bot_name',
  rule: 'outcome_rule',
  referrer: 'referrer_host',
  country: 'country',
  browser: 'browser',
  visitor: 'visitor_id',
} as const satisfies Record<string, EventFieldName>;
export type RuleField = keyof typeof ruleFields;
export const ruleFieldNames = Object.keys(ruleFields) as [RuleField, ...RuleField[]];

/** Builds a record with one value per name, typed by the names. */
export function recordOf<Name extends string, Value>(
  names: readonly Name[],
  value: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, Value>;
}

/** The table of dimensions in `docs/events.md`. */
export function dimensionsMarkdown(): string {
  return [
    '| filter | column | counted | meaning |',
    '|---|---|---|---|',
    ...dimensionNames.map((name) => {
      const { column, description, ...rest }: Dimension = dimensions[name];
      const counted = rest.counter ? 'live' : rest.section ? 'when the hour settles' : 'on request';
      return `| \`${name}\` | \`${column}\` | ${counted} | ${description} |`;
    }),
  ].join('\n');
}

function utm<Column extends EventFieldName>(column: Column, key: string) {
  return {
    column,
    topList: column,
    section: 'utm',
    panel: 'utm',
    label: `UTM ${key === 'ID' ? key : key.toLowerCase()}`,
    plural: key,
    description: `\`${column}\` of the request`,
  } as const;
}

type UtmName = Extract<DimensionName, `utm_${string}`>;
type KeyOfUtm<Name> = Name extends `utm_${infer Key}` ? Key : never;

function isUtm(name: DimensionName): name is UtmName {
  return name.startsWith('utm_');
}

type SectionOf<Name extends DimensionName> = Dimensions[Name] extends { section: infer Section } ? Section : never;

type NameWith<Key extends keyof Dimension> = {
  [Name in DimensionName]: Dimensions[Name] extends Record<Key, unknown> ? Name : never;
}[DimensionName];

function namesWith<Key extends keyof Dimension>(key: Key): NameWith<Key>[] {
  return dimensionNames.filter((name): name is NameWith<Key> => key in dimensions[name]);
}
