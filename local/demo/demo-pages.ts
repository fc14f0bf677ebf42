import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { Funnel } from '#schemas/api/insights/funnels.ts';
import type { newMetricSchema } from '#schemas/insights/metrics.ts';
import { type LinkInput, linkInputSchema, type Page, pageSchema } from '#schemas/catalog.ts';

export const demoAgency = 'demo';

/** What makes the generated traffic of a page its own. */
export interface DemoPage {
  path: string;
  title: string;
  description: string;
  timeZone: string;
  /** Visits on a usual day. */
  visits: number;
  /** False for a page that only has links: nothing counts its views. */
  tracked: boolean;
  /** Share of visits with a click. */
  clickShare: number;
  /** Countries of its visitors, most frequent first. */
  countries: readonly string[];
  /** Where its visitors come from, most frequent first; names of {@link demoSources}. */
  sources: readonly string[];
  /** Titles of the page views below the page's address. */
  paths: readonly (readonly [path: string, title: string])[];
  links: readonly { code: string; url: string; title: string; campaign: string | null }[];
  /** Whether some of its visitors sign in, with whose ids it knows them on another day. */
  members?: boolean;
  /** What visitors do on its site, in order. */
  events: readonly DemoEvent[];
  funnels?: readonly Omit<Funnel, 'id'>[];
  metrics?: readonly z.input<typeof newMetricSchema>[];
}

/** A custom event of some visits. */
export interface DemoEvent {
  name: string;
  /** Share of the visits that had the event before it, which all visits have. */
  share: number;
  /** Prices of what is sold, most frequent first, in smallest units. */
  prices?: readonly number[];
  currency?: string;
}

export const demoPages: readonly DemoPage[] = [
  {
    path: '/demo',
    title: 'Hopcount demo',
    description: 'One page, five links. Click them, then look at their stats.',
    timeZone: 'UTC',
    visits: 120,
    tracked: true,
    clickShare: 0.45,
    countries: ['DE', 'GB', 'FR', 'US', 'AT'],
    sources: ['search', 'direct', 'code', 'social'],
    paths: [
      ['/', 'Hopcount demo'],
      ['/docs', 'Documentation'],
    ],
    links: [
      { code: 'aws', url: 'https://aws.amazon.com/lambda/', title: 'How Lambda works', campaign: 'learn' },
      { code: 'parquet', url: 'https://parquet.apache.org/docs/', title: 'The Parquet format', campaign: 'learn' },
      { code: 'duckdb', url: 'https://duckdb.org/docs/', title: 'DuckDB documentation', campaign: 'tools' },
      { code: 'spring', url: 'https://example.com/spring?size=m', title: 'The spring collection', campaign: 'spring' },
      { code: 'newsletter', url: 'https://example.com/newsletter', title: 'A letter a month', campaign: null },
    ],
    events: [{ name: 'Signed Up', share: 0.04 }],
  },
  {
    path: '/demo-bakery',
    title: 'Corner bakery',
    description: 'Bread, opening hours and orders.',
    timeZone: 'Europe/Vienna',
    visits: 240,
    tracked: true,
    clickShare: 0.3,
    countries: ['AT', 'DE'],
    sources: ['instagram', 'search', 'direct', 'maps'],
    paths: [
      ['/', 'Corner bakery'],
      ['/bread', 'Our bread'],
      ['/hours', 'Opening hours'],
    ],
    links: [
      {
        code: 'bakery-order',
        url: 'https://example.com/bakery/order',
        title: 'Order for tomorrow',
        campaign: 'orders',
      },
      { code: 'bakery-map', url: 'https://example.com/bakery/map', title: 'Find the shop', campaign: null },
      { code: 'bakery-jobs', url: 'https://example.com/bakery/jobs', title: 'Work with us', campaign: null },
    ],
    events: [
      { name: 'menu_opened', share: 0.3 },
      { name: 'Order Completed', share: 0.16, prices: [890, 1450, 1280, 2360, 3990], currency: 'EUR' },
    ],
  },
  {
    path: '/demo-travel',
    title: 'Slow travel notes',
    description: 'Trains, ferries and places to stay.',
    timeZone: 'Europe/London',
    visits: 180,
    tracked: true,
    clickShare: 0.35,
    countries: ['GB', 'FR', 'DE', 'US'],
    sources: ['search', 'newsletter', 'social', 'direct'],
    paths: [
      ['/', 'Slow travel notes'],
      ['/night-trains', 'Night trains of Europe'],
      ['/ferries', 'Ferries worth taking'],
    ],
    links: [
      { code: 'trains', url: 'https://example.com/travel/trains', title: 'Night train map', campaign: 'summer' },
      { code: 'ferries', url: 'https://example.com/travel/ferries', title: 'Ferry timetable', campaign: 'summer' },
      { code: 'packing', url: 'https://example.com/travel/packing', title: 'Packing list', campaign: null },
    ],
    events: [{ name: 'Signed Up', share: 0.05 }],
  },
  {
    path: '/demo-podcast',
    title: 'The quiet hour',
    description: 'A podcast. Links only: its clicks come from show notes.',
    timeZone: 'UTC',
    visits: 90,
    tracked: false,
    clickShare: 1,
    countries: ['GB', 'DE', 'US'],
    sources: ['direct', 'social', 'newsletter'],
    paths: [],
    links: [
      { code: 'episode', url: 'https://example.com/podcast/latest', title: 'Latest episode', campaign: 'show-notes' },
      {
        code: 'support',
        url: 'https://example.com/podcast/support',
        title: 'Support the show',
        campaign: 'show-notes',
      },
    ],
    events: [],
  },
  {
    path: '/demo-plants',
    title: 'Plant shop',
    description: 'House plants, delivered.',
    timeZone: 'Europe/Berlin',
    visits: 140,
    tracked: true,
    members: true,
    clickShare: 0.25,
    countries: ['DE', 'AT'],
    sources: ['ads', 'search', 'instagram', 'direct'],
    paths: [
      ['/', 'Plant shop'],
      ['/monstera', 'Monstera'],
      ['/care', 'Care guide'],
    ],
    links: [
      { code: 'plants-sale', url: 'https://example.com/plants/sale', title: 'Winter sale', campaign: 'winter' },
      { code: 'plants-care', url: 'https://example.com/plants/care', title: 'Care guide', campaign: null },
    ],
    events: [
      { name: 'add_to_cart', share: 0.14, prices: [2490, 1290, 3990, 890, 5900], currency: 'EUR' },
      { name: 'begin_checkout', share: 0.5 },
      { name: 'purchase', share: 0.62, prices: [2980, 4480, 1780, 6390, 12900], currency: 'EUR' },
      { name: 'refund', share: 0.08, prices: [2980, 1780], currency: 'EUR' },
    ],
    funnels: [
      {
        name: 'From a visit to an order',
        unit: 'session',
        windowDays: 7,
        steps: [{ type: 'page_view' }, { name: 'add_to_cart' }, { name: 'begin_checkout' }, { name: 'purchase' }],
      },
      {
        name: 'Members who come back to order',
        unit: 'person',
        windowDays: 14,
        steps: [{ type: 'page_view', path: '/monstera' }, { name: 'purchase' }],
      },
    ],
    metrics: [
      {
        name: 'Orders of each hundred visits',
        unit: 'percent',
        decimals: 1,
        measures: {
          orders: { of: 'events', filters: [{ field: 'event', operator: 'is', values: ['purchase'] }] },
          visits: { of: 'sessions' },
        },
        formula: 'orders / visits',
        goal: { target: 0.05, period: 'week', at: 'least' },
      },
      {
        name: 'Revenue',
        unit: 'money',
        currency: 'EUR',
        measures: { amount: { of: 'sum' } },
        formula: 'amount',
        goal: { target: 200_000, period: 'week', at: 'least' },
      },
    ],
  },
  {
    path: '/demo-studio',
    title: 'Ceramics studio',
    description: 'Courses and a small shop.',
    timeZone: 'Europe/Vienna',
    visits: 40,
    tracked: true,
    clickShare: 0.4,
    countries: ['AT', 'DE', 'FR'],
    sources: ['instagram', 'direct', 'search'],
    paths: [
      ['/', 'Ceramics studio'],
      ['/courses', 'Courses'],
    ],
    links: [
      { code: 'courses', url: 'https://example.com/studio/courses', title: 'Book a course', campaign: 'courses' },
      { code: 'studio-shop', url: 'https://example.com/studio/shop', title: 'Shop', campaign: null },
    ],
    events: [
      { name: 'generate_lead', share: 0.06 },
      { name: 'purchase', share: 0.4, prices: [8900, 12000, 4500], currency: 'EUR' },
    ],
  },
];

/** A campaign of the plant shop, without its dates. */
export const demoCampaign = {
  page: '/demo-plants',
  name: 'Winter sale',
  label: 'winter',
  utm: { utm_campaign: 'winter' },
  budget: { minor: 24_000, currency: 'EUR' },
  goal: { of: 'clicks', target: 600 },
  /** The first metric of the shop, as `addSaved` names it. */
  metric: 'demo-0',
  note: 'Ads and a newsletter for the sale. The page is public.',
  public: true,
} as const;

/** Returns the page as the catalog keeps it. @param at ISO 8601 instant @param origin of the local stack */
export function toCatalogPage(page: DemoPage, at: string, origin: string): Page {
  const { path, title, description, timeZone, members = false } = page;
  const agency = demoAgency;
  const origins = [...new Set([usualOrigin, origin])];
  return pageSchema.parse({
    path,
    title,
    description,
    timeZone,
    agency,
    origins,
    ...(members && {
      identities: 'identified',
      identitiesSince: at,
      identitySecret: randomBytes(32).toString('base64url'),
    }),
    createdAt: at,
    updatedAt: at,
  });
}

/** Of a stack at the usual port, so that examples work at any. */
const usualOrigin = 'http://localhost:8787';

/** Returns the page's links in their order. @param at ISO 8601 instant */
export function toCatalogLinks({ path, links }: DemoPage, at: string): LinkInput[] {
  return links.map((link, position) =>
    linkInputSchema.parse({ ...link, page: path, position, createdAt: at, updatedAt: at }),
  );
}
