import { z } from 'zod';
import { conversionKinds } from '../event.ts';
import { mailedMetricSchema } from '../insights/metric-alert.ts';

/** What the weekly and monthly summaries of a page or an agency contain. */

/** Rows of each list of a summary; the dashboard shows all. */
export const summaryLimits = { links: 5, campaigns: 5, currencies: 3, annotations: 8, pages: 20 } as const;

const traffic = z.object({ views: z.number(), clicks: z.number() });

export const trafficDaySchema = z.object({
  date: z.string(),
  views: z.number().nullable(),
  clicks: z.number().nullable(),
});

const linkRow = z.object({ code: z.string(), title: z.string(), clicks: z.number(), previous: z.number() });

/** A value of `utm_campaign`, counted in the unit of the page. */
const campaignRow = z.object({ name: z.string(), count: z.number(), previous: z.number() });

/** The metric of a campaign, from its first date to the end of the period. */
const campaignMetricRow = z.object({
  campaign: z.string(),
  metric: mailedMetricSchema.omit({ id: true }),
  value: z.number().nullable(),
});
export type SummaryCampaignMetric = z.infer<typeof campaignMetricRow>;

/** Conversions by kind, and sales less refunds by currency. An amount is null if it is too large to be exact. */
export const summaryConversionsSchema = z.object({
  kinds: z.array(z.object({ kind: z.enum(conversionKinds), count: z.number(), previous: z.number() })),
  revenue: z.array(z.object({ currency: z.string(), amount: z.string().nullable(), previous: z.string().nullable() })),
  /** Currencies that are not among them. */
  moreCurrencies: z.int(),
});
export type SummaryConversions = z.infer<typeof summaryConversionsSchema>;

/** Annotations of the period, oldest first. */
const annotations = z.object({
  rows: z.array(z.object({ date: z.string(), text: z.string() })),
  /** How many there are besides. */
  more: z.int(),
});
export type SummaryAnnotations = z.infer<typeof annotations>;

/** The goal of a month that has ended. */
export const goalResultSchema = z.object({ goal: z.number(), actual: z.number(), unit: z.enum(['views', 'clicks']) });
export type GoalResult = z.infer<typeof goalResultSchema>;

/** Parts that the weekly and the monthly summary of a page have in common. */
export const pageSummaryParts = {
  from: z.string(),
  to: z.string(),
  totals: traffic,
  /** Of the same number of days before; null if the page is younger. */
  previous: traffic.nullable(),
  links: z.array(linkRow),
  campaigns: z.array(campaignRow).default([]),
  campaignMetrics: z.array(campaignMetricRow).default([]),
  conversions: summaryConversionsSchema.nullable().default(null),
  annotations: annotations.default({ rows: [], more: 0 }),
};

/** Parts of the monthly summary of an agency. Each page counts the month in its own time zone. */
export const agencySummaryParts = {
  from: z.string(),
  to: z.string(),
  totals: traffic,
  previous: traffic,
  conversions: summaryConversionsSchema.nullable(),
  /** Pages with a goal, and those that reached it. */
  goals: z.object({ set: z.int(), reached: z.int() }),
  /** Pages with traffic in either period, most views and clicks first. */
  rows: z.array(
    z.object({
      page: z.string(),
      title: z.string(),
      totals: traffic,
      previous: traffic.nullable(),
      goal: goalResultSchema.nullable(),
    }),
  ),
  /** Pages with traffic that are not among the rows. */
  more: z.int(),
};
