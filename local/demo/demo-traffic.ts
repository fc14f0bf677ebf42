import { localTimeOf } from '#core/enrich/local-time.ts';
import { createEventIds } from '#core/edge/event-id.ts';
import { dayLength, hourLength } from '#core/time.ts';
import type { Link } from '#schemas/catalog.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { createRandom } from '../random.ts';
import { createPeople, type Person, pickFirst } from './demo-people.ts';
import type { DemoEvent, DemoPage } from './demo-pages.ts';

/** A page of the demo with the ids that its links have in the catalog. */
export interface TrackedPage {
  page: DemoPage;
  links: readonly Pick<Link, 'id' | 'code' | 'url' | 'title' | 'campaign'>[];
}

export interface TrafficHour {
  /** Milliseconds since the epoch. */
  start: number;
  /** Of the click queue. */
  messages: ClickMessage[];
}

/**
 * Generates visits of the `days` before `end`: fewer at weekends, none at night, each day a bit different; on the bakery's page,
 * Instagram fails for two days; the travel page is recommended once. The same arguments give the same messages.
 * @param end milliseconds since the epoch, on a full hour
 * @returns hours, oldest first
 */
export function* generateTraffic(
  pages: readonly TrackedPage[],
  { end, days }: { end: number; days: number },
): Generator<TrafficHour> {
  const random = createRandom(seed);
  const ids = createEventIds((buffer) => buffer.forEach((_, at) => (buffer[at] = Math.floor(random() * 256))));
  const people = new Map(pages.map(({ page }) => [page.path, createPeople(page, random)]));
  const moods = new Map<string, number>();
  for (let hour = end - days * dayLength; hour < end; hour += hourLength) {
    const messages = pages.flatMap(({ page, links }) => {
      const local = localTimeOf(page.timeZone, hour);
      const mood = moods.get(page.path + local.date) ?? 0.92 + 0.16 * random();
      moods.set(page.path + local.date, mood);
      const weekday = weekdays[new Date(`${local.date}T12:00:00Z`).getUTCDay()] ?? 1;
      const expected = page.visits * mood * weekday * (dayShape[Number(local.hour.slice(11, 13))] ?? 0);
      const daysAgo = Math.floor((end - hour) / dayLength);
      return visitsOf(page, { expected, daysAgo, random }).flatMap((source) =>
        visit({ page, links, source, start: hour + random() * 0.8 * hourLength, people, random, ids }),
      );
    });
    yield { start: hour, messages: messages.toSorted((a, b) => a.occurredAt - b.occurredAt) };
  }
}

const seed = 20_261_122;

/** Sunday first. */
const weekdays = [0.72, 1.08, 1.12, 1.1, 1.06, 1, 0.78];

/** Shares of a day by hour; adds up to 1. */
const dayShape = [0, 0, 0, 0, 0, 0, 2, 4, 6, 7, 7, 7, 8, 7, 6, 6, 6, 7, 8, 8, 6, 3, 2, 0].map((part) => part / 100);

/** Days of the bakery's outage and of the travel page's peak, counted back from the end. */
const outage = { path: '/demo-bakery', from: 7, to: 8 };
const peak = { path: '/demo-travel', from: 4, to: 4 };

/** Returns the source of each visit of an hour. */
function visitsOf(
  page: DemoPage,
  { expected, daysAgo, random }: { expected: number; daysAgo: number; random: () => number },
): string[] {
  function isIn({ path, from, to }: typeof outage): boolean {
    return page.path === path && daysAgo >= from && daysAgo <= to;
  }
  const usual = Array.from({ length: poisson(expected, random) }, () => pickFirst(page.sources, random));
  if (isIn(outage)) return usual.filter((source) => source !== 'instagram' || random() < 0.02);
  if (isIn(peak)) return [...usual, ...Array.from({ length: poisson(expected * 2.2, random) }, () => 'recommendation')];
  return usual;
}

interface VisitOptions {
  page: DemoPage;
  links: TrackedPage['links'];
  source: string;
  start: number;
  people: ReadonlyMap<string, readonly Person[]>;
  random: () => number;
  ids: () => string;
}

/** Returns the messages of one visit: page views, and perhaps a click on a link and what follows on the site. */
function visit({ page, links, source, start, people, random, ids }: VisitOptions): ClickMessage[] {
  const person = pickFirst(people.get(page.path) ?? [], random, 0.6);
  const { referrer = null, query = '' } = demoSources[source] ?? {};
  const common = messageOf(page.path, person);
  const messages: ClickMessage[] = [];
  let at = Math.floor(start);
  const end = (Math.floor(start / hourLength) + 1) * hourLength - 1;
  const session = ids();
  const views = page.tracked ? 1 + Math.floor(random() ** 2 * 3) : 0;
  for (let view = 0; view < views; view += 1) {
    const [path, title] = page.paths[view % page.paths.length] ?? ['/', page.title];
    const first = view === 0;
    messages.push({
      ...common,
      id: ids(),
      type: 'page_view',
      occurredAt: at,
      receivedAt: at,
      title,
      query: first ? query : '',
      headers: { ...common.headers, referrer: first ? referrer : siteOf(page) },
      session,
      properties: { url: `${siteOf(page)}${path.slice(1)}` },
    });
    at = Math.min(end, at + 15_000 + Math.floor(random() * 90_000));
  }
  const link = random() < page.clickShare ? pickFirst(links, random, 0.8) : undefined;
  if (link)
    messages.push({
      ...common,
      id: ids(),
      occurredAt: at,
      receivedAt: at,
      link: link.id,
      destination: link.url,
      title: link.title,
      campaign: link.campaign,
      query,
      headers: { ...common.headers, referrer },
      session,
    });
  for (const { name, prices, currency } of eventsOf(page, link === undefined ? 1 : interested, random)) {
    at = Math.min(end, at + 20_000 + Math.floor(random() * 60_000));
    const price = prices && pickFirst(prices, random);
    messages.push({
      ...common,
      id: ids(),
      type: 'custom',
      occurredAt: at,
      receivedAt: at,
      query: views > 1 ? '' : query,
      headers: { ...common.headers, referrer: views > 1 ? siteOf(page) : referrer },
      session,
      properties: { name },
      ...(price !== undefined && currency !== undefined && { money: { minor: price, currency } }),
    });
  }
  return messages;
}

/** Who has followed a link to the site does more there. */
const interested = 1.5;

/** Returns the events of a visit, up to the first that does not happen. */
function eventsOf({ events }: DemoPage, factor: number, random: () => number): DemoEvent[] {
  const end = events.findIndex(({ share }, at) => random() >= (at === 0 ? share * factor : share));
  return events.slice(0, end < 0 ? events.length : end);
}

export function siteOf({ path }: Pick<DemoPage, 'path'>): string {
  return `https://${path.slice(1)}.example/`;
}

function messageOf(page: string, { address, country, userAgent, language, member }: Person): ClickMessage {
  return {
    version: 1,
    id: '0',
    type: 'link_click',
    occurredAt: 0,
    receivedAt: 0,
    page,
    link: null,
    destination: null,
    title: null,
    campaign: null,
    method: 'GET',
    outcome: null,
    rule: null,
    query: '',
    address,
    port: 443,
    country,
    asn: null,
    privacy: false,
    headers: { userAgent, referrer: null, accept: 'text/html', acceptLanguage: language },
    session: null,
    consentedId: member,
    properties: null,
    replayed: true,
  };
}

const demoSources: Readonly<Record<string, { referrer: string | null; query?: string }>> = {
  ads: {
    referrer: 'https://www.google.com/',
    query: 'utm_source=google&utm_medium=cpc&utm_campaign=winter&gclid=demo',
  },
  code: { referrer: 'https://github.com/' },
  direct: { referrer: null },
  instagram: { referrer: 'https://l.instagram.com/', query: 'utm_source=instagram&utm_medium=social&utm_campaign=bio' },
  maps: { referrer: 'https://www.google.com/maps/' },
  newsletter: { referrer: null, query: 'utm_source=newsletter&utm_medium=email&utm_campaign=november' },
  recommendation: { referrer: 'https://news.ycombinator.com/' },
  search: { referrer: 'https://www.google.com/' },
  social: { referrer: 'https://www.reddit.com/' },
};

/** Knuth, *The Art of Computer Programming* 2, 3.4.1. Takes time in proportion to the mean. */
function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
