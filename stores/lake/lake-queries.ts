import { z } from 'zod';
import agencySql from '#queries/reports/agency.sql' with { type: 'text' };
import audienceDistributionSql from '#queries/settle/audience-distribution.sql' with { type: 'text' };
import dailyHistorySql from '#queries/reports/daily-history.sql' with { type: 'text' };
import dayCampaignsSql from '#queries/settle/day-campaigns.sql' with { type: 'text' };
import dayVisitorsSql from '#queries/settle/day-visitors.sql' with { type: 'text' };
import dayTopListsSql from '#queries/settle/day-top-lists.sql' with { type: 'text' };
import exactStatsSql from '#queries/reports/exact-stats.sql' with { type: 'text' };
import hourOutcomesSql from '#queries/settle/hour-outcomes.sql' with { type: 'text' };
import hourlyTrafficSql from '#queries/settle/hourly-traffic.sql' with { type: 'text' };
import hoursErasedSql from '#queries/settle/hours-erased.sql' with { type: 'text' };
import hoursRuledSql from '#queries/settle/hours-ruled.sql' with { type: 'text' };
import linkedIdsSql from '#queries/settle/linked-ids.sql' with { type: 'text' };
import linkPerformanceSql from '#queries/settle/link-performance.sql' with { type: 'text' };
import plausibleEventsSql from '#queries/reports/plausible-events.sql' with { type: 'text' };
import plausibleVisitsSql from '#queries/reports/plausible-visits.sql' with { type: 'text' };
import ownSinceSql from '#queries/settle/own-since.sql' with { type: 'text' };
import pageEventsSql from '#queries/reports/page-events.sql' with { type: 'text' };
import settleEventsSql from '#queries/settle/settle-events.sql' with { type: 'text' };
import settleExpectedSql from '#queries/settle/settle-expected.sql' with { type: 'text' };
import settleReferralsSql from '#queries/settle/settle-referrals.sql' with { type: 'text' };
import settleReadSql from '#queries/settle/settle-read.sql' with { type: 'text' };
import settleWrittenSql from '#queries/settle/settle-written.sql' with { type: 'text' };
import { column, defineQuery } from './query.ts';
import { parameter } from './query-parameters.ts';

const { text, date, whole, instant, lines, members } = parameter;

const nothing = z.unknown();
/** UTC dates that may contain a local date: one more on either side. */
const span = { first_dt: date, last_dt: date } as const;
/** Local dates, both included, in their span. */
const dates = { ...span, from: date, to: date } as const;
const hour = { dt: date, hr: text } as const;
const erasure = { erased: lines, erased_count: whole } as const;
/** Pages whose ids of people were erased. */
const forgetting = { forgotten: lines, forgotten_count: whole } as const;

export const settleEvents = defineQuery({
  name: 'settle-events',
  sql: settleEventsSql,
  parameters: {
    ...hour,
    ...erasure,
    ...forgetting,
    run: text,
    slice: text,
    unreadable: members,
    rules: lines,
    referrals: lines,
    before_dt: date,
    before_hr: text,
    before_run: text,
    hour: instant,
    window_known: whole,
    window_unknown: whole,
    window_longest: whole,
    keep_keys: whole,
  },
  row: nothing,
});

export const settleRead = defineQuery({
  name: 'settle-read',
  sql: settleReadSql,
  parameters: { ...hour, unreadable: members },
  row: z.object({ path: column.text, rows_read: column.whole }),
});

export const settleReferrals = defineQuery({
  name: 'settle-referrals',
  sql: settleReferralsSql,
  parameters: { ...hour, ...erasure, run: text, unreadable: members, most: whole },
  row: z.object({
    version: column.text,
    host: column.text,
    class: column.text,
    name: column.text,
    source: column.text,
    medium: column.text,
    campaign: column.text,
    network: column.text,
    browser: column.text,
  }),
});
export type ReferralRow = z.infer<typeof settleReferrals.row>;

export const settleExpected = defineQuery({
  name: 'settle-expected',
  sql: settleExpectedSql,
  parameters: { ...hour, ...erasure, ...forgetting, run: text, unreadable: members },
  row: z.object({
    events: column.whole,
    erased: column.whole,
    erased_events: column.whole,
    forgotten: column.whole,
  }),
});

export const settleWritten = defineQuery({
  name: 'settle-written',
  sql: settleWrittenSql,
  parameters: { ...hour, run: text, hour_end: instant, window_longest: whole },
  row: z.object({
    local_date: column.optionalText,
    events: column.whole,
    distinct_events: column.whole,
    repeats_tail: column.text,
    sessions_tail: column.text,
  }),
});

export const hourlyTraffic = defineQuery({
  name: 'hourly-traffic',
  sql: hourlyTrafficSql,
  parameters: { dt: date },
  row: nothing,
});
export const audienceDistribution = defineQuery({
  name: 'audience-distribution',
  sql: audienceDistributionSql,
  parameters: { ...span, date },
  row: nothing,
});
export const linkPerformance = defineQuery({
  name: 'link-performance',
  sql: linkPerformanceSql,
  parameters: { ...span, date },
  row: nothing,
});

export const dayVisitors = defineQuery({
  name: 'day-visitors',
  sql: dayVisitorsSql,
  parameters: { ...span, date },
  row: z.object({
    entity: column.text,
    visitors: column.whole,
    sessions: column.whole,
    bounces: column.whole,
    milliseconds: column.whole,
  }),
});
export type DayVisitors = z.infer<typeof dayVisitors.row>;

export const dayTopLists = defineQuery({
  name: 'day-top-lists',
  sql: dayTopListsSql,
  parameters: { ...span, date, longest: whole },
  row: z.object({
    entity: column.text,
    list: column.text,
    value: column.text,
    clicks: column.whole,
    views: column.whole,
  }),
});
export type TopListEntry = z.infer<typeof dayTopLists.row>;

export const dayCampaigns = defineQuery({
  name: 'day-campaigns',
  sql: dayCampaignsSql,
  parameters: { ...span, date, longest: whole },
  row: z.object({ entity: column.text, name: column.text, amount: column.whole }),
});

/** `pages` are paths. */
export const agencyTotals = defineQuery({
  name: 'agency',
  sql: agencySql,
  parameters: { ...dates, pages: lines },
  row: z.object({
    page_path: column.text,
    views: column.whole,
    sessions: column.whole,
    clicks: column.whole,
    links: column.whole,
    ctr: column.optionalNumber,
  }),
});

/** `kind` is `page` or `link`, `name` the path or the code. */
export const exactStats = defineQuery({
  name: 'exact-stats',
  sql: exactStatsSql,
  parameters: { ...dates, kind: text, name: text },
  row: z.object({
    local_hour: column.optionalText,
    event_type: column.text,
    outcome: column.text,
    events: column.whole,
  }),
});

export const pageEvents = defineQuery({
  name: 'page-events',
  sql: pageEventsSql,
  parameters: { ...dates, page: text },
  row: nothing,
});

/** `name` is a table of Plausible's import, and the values are those of its columns in order; absent ones are empty. */
export const plausibleVisits = defineQuery({
  name: 'plausible-visits',
  sql: plausibleVisitsSql,
  parameters: { ...dates, page: text },
  row: z.object({
    name: column.text,
    local_date: column.text,
    value_1: column.text,
    value_2: column.text,
    value_3: column.text,
    value_4: column.text,
    value_5: column.text,
    value_6: column.text,
    value_7: column.text,
    visitors: column.whole,
    visits: column.whole,
    bounces: column.whole,
    seconds: column.whole,
    pageviews: column.whole,
  }),
});
export const plausibleEvents = defineQuery({
  name: 'plausible-events',
  sql: plausibleEventsSql,
  parameters: { ...dates, page: text },
  row: z.object({
    local_date: column.text,
    name: column.text,
    link_url: column.text,
    visitors: column.whole,
    events: column.whole,
  }),
});

const hourRow = z.object({ dt: column.text, hr: column.text, events: column.whole });
export const hoursErased = defineQuery({
  name: 'hours-erased',
  sql: hoursErasedSql,
  parameters: { erased: lines, ...forgetting, from_dt: date, to_dt: date, raw_from_dt: date, raw_to_dt: date },
  row: hourRow,
});
export const linkedIds = defineQuery({
  name: 'linked-ids',
  sql: linkedIdsSql,
  parameters: { id: text, from_dt: date, to_dt: date, raw_from_dt: date, raw_to_dt: date, most: whole },
  row: z.object({ anonymous_id: column.text }),
});
export const hoursRuled = defineQuery({
  name: 'hours-ruled',
  sql: hoursRuledSql,
  parameters: { from_dt: date, to_dt: date, rules: lines },
  row: z.object({ rule_id: column.optionalText, first_hour: column.text, last_hour: column.text }),
});

/** First events of a page and its links that are not imported. */
export const ownSince = defineQuery({
  name: 'own-since',
  sql: ownSinceSql,
  parameters: { page: text, from_dt: date, to_dt: date },
  row: z.object({ link_id: column.optionalText, first_at: column.whole }),
});

export const hourOutcomes = defineQuery({
  name: 'hour-outcomes',
  sql: hourOutcomesSql,
  parameters: hour,
  row: z.object({ event_type: column.text, outcome: column.text, events: column.whole }),
});

/** `zones`: `Europe/Vienna|2026-03-29 01:00:00|2026-10-25 01:00:00|120`, UTC; `pages`: `/ada|Europe/Vienna`. */
export const dailyHistory = defineQuery({
  name: 'daily-history',
  sql: dailyHistorySql,
  parameters: { first_dt: date, last_dt: date, zones: lines, pages: lines },
  row: z.object({ page_path: column.text, local_date: column.text, views: column.whole, clicks: column.whole }),
});

/** Read-only queries, for `hopcount query`. */
export const lakeQueries = [
  hourlyTraffic,
  audienceDistribution,
  linkPerformance,
  pageEvents,
  plausibleVisits,
  plausibleEvents,
  settleRead,
  settleExpected,
  settleReferrals,
  settleWritten,
  dayVisitors,
  dayTopLists,
  dayCampaigns,
  agencyTotals,
  exactStats,
  hoursErased,
  linkedIds,
  hoursRuled,
  ownSince,
  hourOutcomes,
  dailyHistory,
] as const;
