import { normalizeLabel } from '../../catalog-rules.ts';
import { z } from 'zod';
import { conversionsSchema, partErrorSchema, statsSchema } from '../../api.ts';
import { annotationSchema } from '../saved.ts';
import { agencyBrandSchema, lineOfText, linkFields } from '../../catalog.ts';
import { recordOf, campaignDimensions } from '../../dimensions.ts';
import { localDateSchema } from '../../time/local-date.ts';
import { mailedMetricSchema } from '../../insights/metric-alert.ts';
import { pageQuery, partSourceSchema } from '../listing.ts';

export const campaignLimits = {
  /** Characters of a name, of a label and of a note. */
  name: 60,
  label: 128,
  note: 1_000,
  /** Days of a campaign. */
  days: 366,
  /** Smallest units of a currency. */
  budget: 1_000_000_000_000,
  goal: 1_000_000_000,
} as const;

/** `metric` is the campaign's own metric. */
export const campaignGoals = ['clicks', 'conversions', 'metric'] as const;

const label = z.string().overwrite(normalizeLabel).min(1).max(campaignLimits.label).meta({
  description: 'Links whose `campaign` is this label belong to it. Stored in lower case, without spaces around it',
  example: 'spring',
});

const agency = z.string().min(1).max(128);

/** What a user enters about a campaign. */
const fields = {
  name: lineOfText(campaignLimits.name).meta({ example: 'Spring launch' }),
  label,
  from: localDateSchema.meta({
    description: 'First date, in the time zone of the page of each link',
    example: '2026-11-01',
  }),
  to: localDateSchema.meta({
    description: `Last date, at most ${campaignLimits.days} days in all`,
    example: '2026-11-30',
  }),
  utm: linkFields.utm.default({}).meta({
    ...linkFields.utm.meta(),
    description: 'Defaults of new links of the campaign; what a link sets itself comes first',
  }),
  budget: z
    .strictObject({
      minor: z.int().min(0).max(campaignLimits.budget).meta({
        description: 'In the smallest units of the currency: cents of EUR, whole JPY',
        example: 50_000,
      }),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'three capital letters (ISO 4217)')
        .meta({ example: 'EUR' }),
    })
    .nullable()
    .default(null)
    .meta({ description: 'What the campaign costs' }),
  goal: z
    .strictObject({
      of: z.enum(campaignGoals),
      target: z.number().min(0.0001).max(campaignLimits.goal).meta({
        description: 'Of clicks and conversions a whole number; of the metric in its unit',
        example: 1_000,
      }),
    })
    .nullable()
    .default(null)
    .meta({ description: 'What it shall reach by its last date' }),
  metric: z.string().max(128).nullable().default(null).meta({
    description:
      'Id of a custom metric of the page, which is computed for the events of the campaign. Null for an agency',
    example: null,
  }),
  note: z
    .string()
    .trim()
    .max(campaignLimits.note)
    .refine((text) => !/[^\P{Cc}\n]/u.test(text), { error: 'text without control characters but line breaks' })
    .default(''),
  public: z.boolean().default(false).meta({
    description:
      'Anyone with the address of its public page sees clicks, visitors, its metric, links, sources, countries and devices',
  }),
};

const dayMs = 86_400_000;

function checkDates<Schema extends z.ZodType<{ from: string; to: string }>>(schema: Schema): Schema {
  return schema.refine(
    ({ from, to }) => from <= to && (Date.parse(to) - Date.parse(from)) / dayMs < campaignLimits.days,
    { path: ['to'], error: `a date on or after \`from\`, at most ${campaignLimits.days} days in all` },
  );
}

export const newCampaignSchema = checkDates(
  z
    .strictObject({
      page: pageQuery.optional().meta({ description: 'Page of its links' }),
      agency: agency.optional().meta({ description: 'Agency on whose pages its links are; instead of `page`' }),
      ...fields,
    })
    .refine(({ page, agency: owner }) => (page === undefined) !== (owner === undefined), {
      path: ['page'],
      error: 'given, or `agency`, but not both',
    }),
).meta({
  id: 'NewCampaign',
  example: { page: '/ada', name: 'Spring launch', label: 'spring', from: '2026-11-01', to: '2026-11-30' },
});
export type NewCampaign = z.infer<typeof newCampaignSchema>;

/** The page or the agency stays. */
export const campaignChangeSchema = checkDates(z.strictObject(fields)).meta({
  id: 'CampaignChange',
  example: { name: 'Spring launch', label: 'spring', from: '2026-11-01', to: '2026-11-30' },
});
export type CampaignChange = z.infer<typeof campaignChangeSchema>;

export const campaignSchema = z
  .object({
    id: z.string(),
    page: z.string().nullable().meta({ description: 'Null: its links are on pages of the agency', example: '/ada' }),
    agency: z.string().nullable().meta({ example: null }),
    name: z.string(),
    label: z.string(),
    from: z.string(),
    to: z.string(),
    utm: z.record(z.string(), z.string()),
    budget: z.object({ minor: z.int(), currency: z.string() }).nullable(),
    goal: z.object({ of: z.enum(campaignGoals), target: z.number() }).nullable(),
    metric: z.string().nullable(),
    note: z.string(),
    public: z.boolean(),
    partial: z.boolean().meta({
      description: 'True if you see only some of its pages. Budget, goal and note are left out then',
    }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Campaign' });
export type CampaignView = z.infer<typeof campaignSchema>;
export const campaignsSchema = z.object({ rows: z.array(campaignSchema) }).meta({ id: 'Campaigns' });

export const campaignsQuerySchema = z
  .strictObject({
    page: pageQuery.optional().meta({ description: 'Campaigns of the page, and those of its agency' }),
    agency: agency.optional().meta({ description: 'Campaigns of the agency' }),
  })
  .refine(({ page, agency: owner }) => (page === undefined) !== (owner === undefined), {
    path: ['page'],
    error: 'given, or `agency`, but not both',
  });

const clicks = z.int().min(0);
const share = z.number().min(0).nullable();

const momentSchema = z
  .object({
    at: z.iso.datetime().meta({ description: 'Start of the hour, if `precision` is `hour`' }),
    precision: z.enum(['second', 'hour']),
  })
  .nullable();

/** Links of a report, those with the most clicks. */
export const mostReportedLinks = 1_000;

export const campaignStates = ['upcoming', 'running', 'ended'] as const;
export const campaignPaces = ['ahead', 'on', 'behind'] as const;

const valuesSchema = z.array(
  z.object({ value: z.string().nullable().meta({ description: 'Null: clicks without a value' }), clicks }),
);

/** A custom metric, computed for the events of the campaign. */
const campaignMetricSchema = mailedMetricSchema
  .omit({ id: true })
  .extend({
    value: z
      .number()
      .nullable()
      .meta({ description: 'Null where something is divided by zero, or it is not known yet' }),
    error: z
      .enum(['overflow'])
      .nullable()
      .meta({ description: '`overflow`: a number beyond 2^53, which is not exact' }),
    ignored: z.int().meta({ description: 'Events that `sum` and `average` left out: no number, or another currency' }),
  })
  .nullable();

/** What the report shows, and the public page with it. */
const reportFields = {
  state: z.enum(campaignStates),
  metric: campaignMetricSchema.meta({
    description:
      'The metric of the campaign, as of the last settled hour: of its clicks, and of other events in visits whose last clicked link belonged to it. Null without one',
  }),
  previous: z
    .object({
      from: z.string(),
      to: z.string(),
      clicks,
      visitors: clicks,
      change: z
        .number()
        .nullable()
        .meta({ description: 'Clicks on settled dates / `clicks` − 1; null without any before' }),
    })
    .nullable()
    .meta({ description: 'As many dates of the equal span before as are settled. Null before the first one' }),
  days: z
    .array(
      z.object({
        date: z.string(),
        clicks,
        visitors: clicks.nullable().meta({ description: 'Distinct visitors of the date; null until it is settled' }),
      }),
    )
    .meta({ description: 'Dates with events, in order. The others have no clicks' }),
  links: z
    .array(z.object({ code: z.string(), title: z.string().nullable(), page: z.string(), clicks }))
    .meta({ description: `At most ${mostReportedLinks} links, most clicks first` }),
  otherLinks: clicks.meta({ description: 'Clicks of further links' }),
  breakdowns: z.object(recordOf(campaignDimensions, () => valuesSchema)),
  firstClick: momentSchema,
  lastClick: momentSchema,
  sources: z
    .object({
      settled: partSourceSchema,
      open: partSourceSchema,
      titles: partSourceSchema,
      metric: partSourceSchema,
    })
    .partial()
    .meta({
      description: '`settled`: dates that are settled; `open`: those since; `titles` of links; `metric`',
    }),
  settledThrough: z.string().nullable().meta({
    description: 'Last date that is settled on all of its pages; null before the first one',
  }),
  errors: z.array(partErrorSchema),
};

const totalsSchema = z.object({
  clicks,
  visitors: clicks.nullable().meta({
    description: 'Sum of the distinct visitors of each settled date; null before the first one',
  }),
  bots: clicks.meta({ description: 'Requests of robots on settled dates, which are not counted' }),
  botShare: share.meta({ description: 'bots / (bots + clicks) on settled dates; null without any' }),
});

export const campaignReportSchema = z
  .object({
    campaign: campaignSchema,
    totals: totalsSchema.extend({
      conversions: conversionsSchema.meta({
        description:
          'Of visits whose last clicked link belonged to the campaign, on settled dates. Null if you see only some of its pages',
      }),
      costPerClick: z.number().nullable().meta({
        description: 'budget / clicks, in smallest units of its currency; null without clicks or without a budget',
      }),
    }),
    goal: z
      .object({
        of: z.enum(campaignGoals),
        target: z.number(),
        value: z.number().nullable().meta({ description: 'Null for a metric without a value so far' }),
        share: z.number().nullable().meta({ description: 'value / target' }),
        expected: z.number().nullable().meta({
          description: 'target × share of the time that has passed; null for ratios and means, which do not grow',
        }),
        pace: z.enum(campaignPaces).nullable().meta({ description: '`on` within 10% of `expected`' }),
      })
      .nullable(),
    ...reportFields,
    annotations: z.array(annotationSchema.extend({ page: z.string() })).meta({
      description: 'Of its pages, between its dates: the first 200',
    }),
  })
  .meta({ id: 'CampaignReport' });
export type CampaignReport = z.infer<typeof campaignReportSchema>;

export const publicCampaignSchema = z
  .object({
    name: z.string(),
    from: z.string(),
    to: z.string(),
    totals: totalsSchema,
    ...reportFields,
    brand: agencyBrandSchema.nullable().meta({ description: 'Of the agency of the page, if it has one' }),
  })
  .meta({ id: 'PublicCampaign' });
export type PublicCampaign = z.infer<typeof publicCampaignSchema>;

export const campaignParamsSchema = z.object({
  id: z
    .string()
    .overwrite(normalizeLabel)
    .min(1)
    .max(128)
    .meta({ description: 'Campaign label of the links, in upper or lower case', example: 'spring' }),
});

export const campaignMetricsSchema = z
  .object({
    campaign: z.string(),
    links: z
      .array(z.object({ code: z.string(), title: z.string().nullable(), page: z.string(), clicks: z.int().min(0) }))
      .meta({ description: `The ${mostReportedLinks} links with the most clicks, most first` }),
    stats: statsSchema,
  })
  .meta({ id: 'CampaignMetrics' });
export type CampaignMetrics = z.infer<typeof campaignMetricsSchema>;
