import { z } from 'zod';
import { column, defineQuery } from './query.ts';
import { parameter } from './query-parameters.ts';

/** Every query of the lake, with typed parameters and rows. */

const { text, date, whole, instant, lines, members } = parameter;

const nothing = z.unknown();
/** UTC partitions that local dates can touch: from the day before to the day after. */
const span = { first_dt: date, last_dt: date } as const;
const hour = { dt: date, hr: text } as const;
const erasure = { erased: lines, erased_count: whole } as const;

export const settleEvents = defineQuery(
  'settle-events',
  {
    ...hour,
    ...erasure,
    run: text,
    unreadable: members,
    rules: lines,
    before_dt: date,
    before_hr: text,
    before_run: text,
    hour: instant,
    window_known: whole,
    window_unknown: whole,
    window_longest: whole,
    keep_keys: whole,
  },
  nothing,
);

export const settleRead = defineQuery(
  'settle-read',
  { ...hour, unreadable: members },
  z.object({ path: column.text, rows_read: column.whole }),
);

export const settleExpected = defineQuery(
  'settle-expected',
  { ...hour, ...erasure, run: text, unreadable: members },
  z.object({ events: column.whole, erased: column.whole }),
);

export const settleWritten = defineQuery(
  'settle-written',
  { ...hour, run: text, hour_end: instant, window_longest: whole },
  z.object({
    local_date: column.optionalText,
    events: column.whole,
    distinct_events: column.whole,
    repeats_tail: column.text,
    sessions_tail: column.text,
  }),
);

export const hourlyTraffic = defineQuery('hourly-traffic', { dt: date }, nothing);
export const audienceDistribution = defineQuery('audience-distribution', { ...span, date }, nothing);
export const linkPerformance = defineQuery('link-performance', { ...span, date }, nothing);

export const dayPeople = defineQuery(
  'day-people',
  { ...span, date },
  z.object({
    entity: column.text,
    visitors: column.whole,
    sessions: column.whole,
    bounces: column.whole,
    milliseconds: column.whole,
  }),
);
export type DayPeople = z.infer<typeof dayPeople.row>;

export const dayTops = defineQuery(
  'day-tops',
  { ...span, date, longest: whole },
  z.object({
    entity: column.text,
    list: column.text,
    value: column.text,
    clicks: column.whole,
    views: column.whole,
  }),
);
export type DayTop = z.infer<typeof dayTops.row>;

/** Local dates from and to, both included; `pages` by path. */
export const agencyTotals = defineQuery(
  'agency',
  { ...span, from: date, to: date, pages: lines },
  z.object({
    page_path: column.text,
    views: column.whole,
    sessions: column.whole,
    clicks: column.whole,
    links: column.whole,
    ctr: column.optionalNumber,
  }),
);

/** `kind` is page or link; `name` its path or code. */
export const exactStats = defineQuery(
  'exact-stats',
  { ...span, from: date, to: date, kind: text, name: text },
  z.object({
    local_hour: column.optionalText,
    event_type: column.text,
    outcome: column.text,
    events: column.whole,
  }),
);

export const pageEvents = defineQuery('page-events', { ...span, from: date, to: date, page: text }, nothing);

const hourRow = z.object({ dt: column.text, hr: column.text, events: column.whole });
export const hoursErased = defineQuery('hours-erased', { erased: lines, from_dt: date, to_dt: date }, hourRow);
export const hoursRuled = defineQuery(
  'hours-ruled',
  { from_dt: date, to_dt: date, rule: text, page: text, field: text, wanted: text },
  hourRow,
);

export const hourOutcomes = defineQuery(
  'hour-outcomes',
  hour,
  z.object({ event_type: column.text, outcome: column.text, events: column.whole }),
);

/** `zones`: `Europe/Vienna|2026-03-29 01:00:00|2026-10-25 01:00:00|120`, UTC; `pages`: `/ada|Europe/Vienna`. */
export const dailyHistory = defineQuery(
  'daily-history',
  { first_dt: date, last_dt: date, zones: lines, pages: lines },
  z.object({ page_path: column.text, local_date: column.text, views: column.whole, clicks: column.whole }),
);

const verdict = z.enum(['DROP', 'SURGE']).nullable();
/** As `dailyHistory`, with the date to judge at the end of each page's line. */
export const classicTraffic = defineQuery(
  'classic-traffic',
  { first_dt: date, last_dt: date, zones: lines, pages: lines },
  z.object({ page_path: column.text, views: column.whole, average: column.optionalNumber, verdict }),
);
export const classicClickThrough = defineQuery(
  'classic-ctr',
  { first_dt: date, last_dt: date, zones: lines, pages: lines },
  z.object({
    page_path: column.text,
    views: column.whole,
    rate: column.optionalNumber,
    usual: column.optionalNumber,
    verdict,
  }),
);

/** Those that only read, for `hopcount query`. */
export const lakeQueries = [
  hourlyTraffic,
  audienceDistribution,
  linkPerformance,
  pageEvents,
  settleRead,
  settleExpected,
  settleWritten,
  dayPeople,
  dayTops,
  agencyTotals,
  exactStats,
  hoursErased,
  hoursRuled,
  hourOutcomes,
  dailyHistory,
  classicTraffic,
  classicClickThrough,
] as const;
