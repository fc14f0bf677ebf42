import { z } from 'zod';
import { addDays } from '#core/ledger/time-range.ts';
import {
  type Ask,
  defineSource,
  type Entries,
  nameSchema,
  type Note,
  readAnswer,
  type Source,
  type StepOf,
} from './source.ts';

export interface DubOptions {
  /** Milliseconds since the epoch when the pull began: younger clicks are left out. */
  startedAt: number;
  withHistory: boolean;
}

const api = 'https://api.dub.co';

const linksPerPage = 100;
const eventsPerPage = 1_000;
/** Days of a request for events. */
const eventDays = 30;
/**
 * Days of a request for counts: beyond 180 Dub counts months, and below 3 hours. A free plan sees 31 days at a time, so a
 * refused window is tried again with that.
 */
const countDays = { most: 150, free: 30, least: 5 } as const;
/** Dub refuses dates before it existed. */
const founded = '2022-09-22';

const dateTime = z.string().max(40);
const linkSchema = z.looseObject({
  id: nameSchema,
  // Only whether there is one: no copy of it is kept.
  password: z.unknown().transform((password) => (password ? true : null)),
  shortLink: z.string().max(2_100),
  createdAt: dateTime,
  lastClicked: dateTime.nullish(),
  clicks: z.number().min(0).default(0),
});
const linksSchema = z.array(linkSchema).max(linksPerPage);
const text = z.string().max(2_100).nullish();
/** What is kept of a click. Dub also has the address of the visitor. */
const clickSchema = z.object({
  id: nameSchema,
  country: text,
  region: text,
  city: text,
  device: text,
  browser: text,
  os: text,
  ua: text,
  refererUrl: text,
  referer: text,
});
export const dubEventSchema = z.object({
  timestamp: dateTime,
  click: clickSchema,
  link: z.object({ shortLink: z.string().max(2_100) }),
});
export type DubEvent = z.infer<typeof dubEventSchema>;
const eventsSchema = z.array(dubEventSchema).max(eventsPerPage);
const daysSchema = z.array(z.object({ start: dateTime, clicks: z.int().min(0).default(0) })).max(24 * countDays.most);

const pendingSchema = z.object({ id: z.string(), address: z.string(), from: z.string(), to: z.string() });
const cursorSchema = z.discriminatedUnion('stage', [
  /** `first`: the day of the oldest link with clicks. */
  z.object({ stage: z.literal('links'), after: z.string(), first: z.string().nullable() }),
  /** Single clicks of all links, by windows of days. */
  z.object({ stage: z.literal('events'), from: z.string(), page: z.int() }),
  /** Without the plan for events: lists the links again, and asks for the days of each. */
  z.object({ stage: z.literal('history'), after: z.string(), days: z.int() }),
  z.object({
    stage: z.literal('days'),
    /** The next page of links; null after the last one. */
    after: z.string().nullable(),
    pending: z.array(pendingSchema),
    days: z.int(),
  }),
]);
type Cursor = z.infer<typeof cursorSchema>;
type Step = StepOf<Cursor>;

/**
 * Reads a workspace of Dub: all links, then each click, or the clicks of each link by day if the plan has no events.
 * Sources: docs/imports.md#dub.
 */
export function createDubSource({ startedAt, withHistory }: DubOptions): Source {
  const today = new Date(startedAt).toISOString().slice(0, 10);

  function ask(cursor: Cursor): Ask {
    switch (cursor.stage) {
      case 'links':
      case 'history': {
        const query = new URLSearchParams({
          pageSize: String(linksPerPage),
          showArchived: 'true',
          ...(cursor.after !== '' && cursor.after !== null && { startingAfter: cursor.after }),
        });
        return { method: 'GET', url: `${api}/links?${query}`, about: 'the links' };
      }
      case 'events': {
        const query = new URLSearchParams({
          event: 'clicks',
          start: cursor.from,
          end: windowEnd(cursor.from, eventDays),
          timezone: 'UTC',
          sortOrder: 'asc',
          page: String(cursor.page),
          limit: String(eventsPerPage),
        });
        return { method: 'GET', url: `${api}/events?${query}`, about: `the clicks from ${cursor.from}` };
      }
      case 'days': {
        const [link] = cursor.pending;
        const from = link?.from ?? today;
        const query = new URLSearchParams({
          event: 'clicks',
          groupBy: 'timeseries',
          linkId: link?.id ?? '',
          ...countWindow(from, link?.to ?? today, cursor.days),
          timezone: 'UTC',
        });
        return { method: 'GET', url: `${api}/analytics?${query}`, about: `the days of ${link?.address ?? ''}` };
      }
      default:
        return cursor satisfies never;
    }
  }

  /** Returns the last day of a window that does not go beyond the start of the pull. */
  function windowEnd(from: string, days: number): string {
    const end = addDays(from, days - 1);
    return end < today ? end : today;
  }

  function countWindow(from: string, to: string, days: number): { start: string; end: string } {
    const last = addDays(from, days - 1);
    const end = last < to ? last : to;
    // Earlier days of the window are asked for again, and dropped.
    const least = addDays(end, 1 - countDays.least);
    return { start: least < from ? least : from, end };
  }

  function read(cursor: Cursor, body: unknown): Step {
    const { about } = ask(cursor);
    switch (cursor.stage) {
      case 'links': {
        const links = readAnswer(linksSchema, body, about);
        const days = links.filter(({ clicks }) => clicks > 0).map(({ createdAt }) => dayOf(createdAt));
        const first = [...days, ...(cursor.first === null ? [] : [cursor.first])].sort()[0] ?? null;
        const entries: Entries[] = [{ kind: 'links', link: null, values: links }];
        const after = links.length < linksPerPage ? undefined : links.at(-1)?.id;
        if (after !== undefined) return { next: { stage: 'links', after, first }, entries, notes: [] };
        return {
          next: withHistory && first !== null ? { stage: 'events', from: first, page: 1 } : undefined,
          entries,
          notes: [],
        };
      }
      case 'events': {
        const events = readAnswer(eventsSchema, body, about);
        const entries: Entries[] = events.length > 0 ? [{ kind: 'dub-events', link: null, values: events }] : [];
        if (events.length === eventsPerPage) return { next: { ...cursor, page: cursor.page + 1 }, entries, notes: [] };
        const end = windowEnd(cursor.from, eventDays);
        return {
          next: end < today ? { stage: 'events', from: addDays(end, 1), page: 1 } : undefined,
          entries,
          notes: [],
        };
      }
      case 'history': {
        const links = readAnswer(linksSchema, body, about);
        const pending = links.filter(({ clicks }) => clicks > 0).map((link) => toPending(link, today));
        const after = links.length < linksPerPage ? null : (links.at(-1)?.id ?? null);
        return proceed({ stage: 'days', after, pending, days: cursor.days }, []);
      }
      case 'days': {
        const [link, ...pending] = cursor.pending;
        if (link === undefined) return proceed(cursor, []);
        const { end } = countWindow(link.from, link.to, cursor.days);
        const values = addUp(readAnswer(daysSchema, body, about), link.from, end);
        const entries: Entries[] = values.length > 0 ? [{ kind: 'dub-days', link: link.address, values }] : [];
        return proceed(
          { ...cursor, pending: end < link.to ? [{ ...link, from: addDays(end, 1) }, ...pending] : pending },
          entries,
        );
      }
      default:
        return cursor satisfies never;
    }
  }

  function refuse(cursor: Cursor, refusal: 'missing' | 'forbidden'): Step | undefined {
    if (cursor.stage === 'events' && refusal === 'forbidden')
      return { next: { stage: 'history', after: '', days: countDays.most }, entries: [], notes: noteOf(withoutEvents) };
    if (cursor.stage !== 'days') return undefined;
    if (refusal === 'missing') {
      const step = proceed({ ...cursor, pending: cursor.pending.slice(1) }, []);
      return { ...step, notes: noteOf('links deleted in Dub during the pull') };
    }
    return cursor.days > countDays.free
      ? { next: { ...cursor, days: countDays.free }, entries: [], notes: [] }
      : undefined;
  }

  return defineSource<Cursor>({
    // Two requests for analytics a second, on the smallest plan that has them.
    pause: 550,
    authorize: (token) => ({ authorization: `Bearer ${token}` }),
    needs:
      'an API key with the scopes `links.read` and `analytics.read`, for clicks of a plan with analytics in the API',
    cursor: cursorSchema,
    start: () => ({ stage: 'links', after: '', first: null }),
    ask,
    read,
    refuse,
  });
}

const withoutEvents = 'plan without single clicks: clicks of a day are imported instead';

function noteOf(text: string): Note[] {
  return [{ text, count: 1 }];
}

function dayOf(time: string): string {
  const at = Date.parse(time);
  const day = Number.isNaN(at) ? founded : new Date(at).toISOString().slice(0, 10);
  return day < founded ? founded : day;
}

function toPending({ id, shortLink, createdAt, lastClicked }: z.infer<typeof linkSchema>, today: string) {
  const to = lastClicked ? dayOf(lastClicked) : today;
  return { id, address: shortLink.replace(/^https?:\/\//, ''), from: dayOf(createdAt), to: to < today ? to : today };
}

/** Adds up hours, which Dub returns for short windows, and drops days of other windows and those without clicks. */
function addUp(intervals: z.infer<typeof daysSchema>, from: string, to: string): { date: string; clicks: number }[] {
  const days = new Map<string, number>();
  for (const { start, clicks } of intervals) {
    const date = start.slice(0, 10);
    if (clicks > 0 && date >= from && date <= to) days.set(date, (days.get(date) ?? 0) + clicks);
  }
  return [...days].map(([date, clicks]) => ({ date, clicks }));
}

/** Asks for the days of the next link, for the next page of links, or ends. */
function proceed(cursor: Extract<Cursor, { stage: 'days' }>, entries: Entries[]): Step {
  if (cursor.pending.length > 0) return { next: cursor, entries, notes: [] };
  const next =
    cursor.after === null ? undefined : { stage: 'history' as const, after: cursor.after, days: cursor.days };
  return { next, entries, notes: [] };
}
