import { z } from 'zod';
import { addDays } from '#core/ledger/time-range.ts';
import { type Ask, defineSource, type Entries, readAnswer, type Source, type StepOf } from './source.ts';

export interface PlausibleOptions {
  /** Where the instance answers: `https://plausible.io`. */
  server: string;
  /** The site, as Plausible names it: its domain. */
  site: string;
  /** The last day that is read, by the site's clocks: the day before the pull began. */
  until: string;
}

const plausibleTables = ['days', 'page', 'source', 'country', 'device', 'browser', 'os'] as const;
type TableName = (typeof plausibleTables)[number];

interface Table {
  /** After the day. */
  dimension: string | null;
  metrics: readonly string[];
}

/**
 * What imported counts break a day down by. Bounces and durations are left out: the API has a rounded rate and an average, and
 * no sum can be made of them.
 */
const tables: Readonly<Record<TableName, Table>> = {
  days: { dimension: null, metrics: ['pageviews', 'visitors', 'visits'] },
  page: { dimension: 'event:page', metrics: ['pageviews', 'visitors'] },
  source: { dimension: 'visit:source', metrics: ['pageviews', 'visitors'] },
  country: { dimension: 'visit:country', metrics: ['pageviews', 'visitors'] },
  device: { dimension: 'visit:device', metrics: ['pageviews', 'visitors'] },
  browser: { dimension: 'visit:browser', metrics: ['pageviews', 'visitors'] },
  os: { dimension: 'visit:os', metrics: ['pageviews', 'visitors'] },
};

/** Days of a request: with all its values, a month fits into a few pages. */
const windowDays = 31;
/** Rows of a page, half of what Plausible returns by default: at most about 3 MB. */
const rowsPerPage = 5_000;
const mostDays = 40_000;

const resultsSchema = z.object({
  results: z
    .array(
      z.object({
        dimensions: z.array(z.coerce.string().max(2_000)).min(1).max(2),
        metrics: z.array(z.int().min(0).nullable()).max(3),
      }),
    )
    .max(rowsPerPage),
});
const daysSchema = z.object({
  results: z.array(z.object({ dimensions: z.tuple([z.iso.date()]), metrics: z.tuple([z.number()]) })).max(mostDays),
});

const cursorSchema = z.discriminatedUnion('stage', [
  z.object({ stage: z.literal('range') }),
  z.object({
    stage: z.literal('tables'),
    /** First day with visitors. */
    first: z.iso.date(),
    from: z.iso.date(),
    table: z.enum(plausibleTables),
    offset: z.int(),
  }),
]);
type Cursor = z.infer<typeof cursorSchema>;
type Step = StepOf<Cursor>;

const leftOut =
  'bounces, durations, entry and exit pages, regions, cities, versions and goals: the CSV export of Plausible has them, and Hopcount’s counts do not';

/** A day of a site, or of one value of a dimension. */
export const plausibleEntrySchema = z.object({
  table: z.enum(plausibleTables),
  date: z.string(),
  value: z.string().nullable(),
  pageviews: z.int(),
  visitors: z.int(),
  visits: z.int().nullable(),
});
export type PlausibleEntry = z.infer<typeof plausibleEntrySchema>;

/**
 * Reads a site of Plausible: each day, and each day by page, source, place and so on.
 * Sources: docs/imports.md#plausible.
 */
export function createPlausibleSource({ server, site, until }: PlausibleOptions): Source {
  const address = `${server.replace(/\/+$/, '')}/api/v2/query`;

  function ask(cursor: Cursor): Ask {
    switch (cursor.stage) {
      case 'range':
        return post('the days with visitors', {
          metrics: ['visitors'],
          date_range: 'all',
          dimensions: ['time:day'],
          order_by: [['time:day', 'asc']],
          pagination: { limit: mostDays, offset: 0 },
        });
      case 'tables': {
        const { dimension, metrics } = tables[cursor.table];
        const all = dimension === null ? ['time:day'] : ['time:day', dimension];
        return post(`the table ${cursor.table} from ${cursor.from}`, {
          metrics,
          date_range: [cursor.from, windowEnd(cursor.from)],
          dimensions: all,
          // Of all dimensions, so that pages do not overlap.
          order_by: all.map((name) => [name, 'asc']),
          pagination: { limit: rowsPerPage, offset: cursor.offset },
        });
      }
      default:
        return cursor satisfies never;
    }
  }

  function post(about: string, query: Readonly<Record<string, unknown>>): Ask {
    const content = JSON.stringify({ site_id: site, ...query, include: { imports: true } });
    return { method: 'POST', url: address, content, about };
  }

  function windowEnd(from: string): string {
    const end = addDays(from, windowDays - 1);
    return end < until ? end : until;
  }

  function read(cursor: Cursor, body: unknown): Step {
    const { about } = ask(cursor);
    switch (cursor.stage) {
      case 'range': {
        const { results } = readAnswer(daysSchema, body, about);
        const first = results.find(({ metrics: [visitors] }) => visitors > 0)?.dimensions[0];
        if (first === undefined || first > until) return { next: undefined, entries: [], notes: [] };
        const next = { stage: 'tables' as const, first, from: first, table: plausibleTables[0], offset: 0 };
        return { next, entries: [], notes: [{ text: leftOut, count: 1 }] };
      }
      case 'tables': {
        const { results } = readAnswer(resultsSchema, body, about);
        const values = results.map((row) => toEntry(cursor.table, row));
        const entries: Entries[] = values.length > 0 ? [{ kind: 'plausible-days', link: null, values }] : [];
        return { next: proceed(cursor, results.length), entries, notes: [] };
      }
      default:
        return cursor satisfies never;
    }
  }

  function proceed(cursor: Extract<Cursor, { stage: 'tables' }>, rows: number): Cursor | undefined {
    if (rows === rowsPerPage) return { ...cursor, offset: cursor.offset + rows };
    const end = windowEnd(cursor.from);
    if (end < until) return { ...cursor, from: addDays(end, 1), offset: 0 };
    const table = plausibleTables[plausibleTables.indexOf(cursor.table) + 1];
    return table === undefined ? undefined : { ...cursor, table, from: cursor.first, offset: 0 };
  }

  return defineSource<Cursor>({
    // 600 an hour are refused with 429 once they are used up.
    pause: 0,
    authorize: (token) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' }),
    needs: `a key for the Stats API of a user who sees the site \`${site}\`, of a plan with the Stats API`,
    server: {
      given: server,
      allowed:
        'the https address of an instance of Plausible, such as https://plausible.io, without `/api` and what follows',
    },
    cursor: cursorSchema,
    start: () => ({ stage: 'range' }),
    ask,
    read,
    refuse: () => undefined,
  });
}

function toEntry(table: TableName, row: z.infer<typeof resultsSchema>['results'][number]): PlausibleEntry {
  const [date, value = null] = row.dimensions;
  const [pageviews, visitors, visits] = row.metrics;
  return { table, date: date ?? '', value, pageviews: pageviews ?? 0, visitors: visitors ?? 0, visits: visits ?? null };
}
