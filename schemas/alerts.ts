import { z } from 'zod';
import { metricStateSchema } from './insights/alert-state.ts';
import { alertPeriodFields, mailedMetricSchema, metricAlertSchema } from './insights/metric-alert.ts';
import { agencySummaryParts, goalResultSchema, pageSummaryParts, trafficDaySchema } from './mails/summary-parts.ts';

/** Records of alerts, mails and forecasts in the `catalog` table, and the alert settings of a page. */

export const sensitivities = ['low', 'normal', 'high'] as const;
/** `default` are the detectors of core/detect; `classic` the two rules with fixed percentages. */
export const alertMethods = ['default', 'classic'] as const;

/**
 * What a page takes part in. `digest` is its weekly summary, `monthly` the one of a month; with `agency`, it is in the mails
 * that its agency's users get.
 */
export const mailKinds = ['alert', 'recovery', 'digest', 'monthly', 'agency'] as const;
export type MailKind = (typeof mailKinds)[number];

/**
 * Kinds of mail that a recipient can unsubscribe from separately. `agency` is the daily mail of an agency. `confirmation`
 * asks the owner of an address whether they want mails about a page. `metric-alert` goes to those who get `alert`, and
 * `metric-recovery` to those who get `recovery`.
 */
export const outgoingKinds = [
  ...mailKinds,
  'metric-alert',
  'metric-recovery',
  'agency-monthly',
  'confirmation',
] as const;
export type OutgoingKind = (typeof outgoingKinds)[number];

/** Who controls a page can type any address, so these bound the mails that ask its owner. */
export const confirmationLimits = {
  /** Mails to an address for a page: one a day, and so many until `days` after the last one. */
  mails: 3,
  days: 30,
  /** Mails a day (UTC). */
  addressADay: 3,
  pageADay: 20,
  stackADay: 200,
  /** Days for which the link in the mail is valid. */
  linkDays: 7,
} as const;

/**
 * Whether a recipient gets mails. `pending`: not confirmed yet. `unsubscribed`: from every mail of the page, or from
 * requests to confirm. `suppressed`: mails bounced or were reported as spam.
 */
export const recipientStates = ['pending', 'confirmed', 'unsubscribed', 'suppressed'] as const;
export type RecipientState = (typeof recipientStates)[number];

/** Watched metrics. `early` is hourly detection: a surge, traffic that stopped, or three hours of a steady page. */
export const alertMetrics = ['traffic', 'click-through', 'early'] as const;

const hourText = 'an hour from 0 to 23';
const localHour = z.int(hourText).min(0, hourText).max(23, hourText);
const localDate = z.iso.date('a date such as 2026-11-22');
const goalText = 'a whole number above 0';

/** Alert settings of a page. */
export const pageAlertsSchema = z.object({
  enabled: z.boolean().default(true),
  method: z.enum(alertMethods, oneOf(alertMethods)).default('default'),
  sensitivity: z.enum(sensitivities, oneOf(sensitivities)).default('normal'),
  /** Addresses that receive mails; if empty, the addresses of the page's creators. */
  recipients: z
    .array(z.email('an address such as ada@example.com').max(254))
    .max(20, 'at most 20 addresses')
    .default([]),
  /**
   * Recipients who get mails only after they confirmed. Those of a page that was stored before confirmations existed, and
   * the address of the user who enters it, are not among them.
   */
  mustConfirm: z.array(z.string().max(254)).max(20).default([]),
  /** Local hours of the page in which no mail is sent: `{ from: 22, to: 7 }`. */
  quietHours: z.object({ from: localHour, to: localHour }).nullable().default(null),
  kinds: z
    .array(z.enum(mailKinds, oneOf(mailKinds)))
    .max(mailKinds.length)
    .default([...mailKinds])
    .meta({
      description:
        'Mails about the page: `digest` is the weekly summary, `monthly` the one of a month. With `agency`, it is in the mails to its agency',
    }),
  /** Monthly goal in views, or in clicks on a page that mostly has clicks. */
  goal: z.int(goalText).positive(goalText).nullable().default(null),
  /** Until then, no alert or recovery is mailed. */
  mutedUntil: z.iso.datetime().nullable().default(null),
  /** Excluded local dates: ignored for baselines and never evaluated. */
  badDays: z.array(localDate).max(366, 'at most 366 dates').default([]),
});
export type PageAlerts = z.infer<typeof pageAlertsSchema>;

/** Settings of a page that has set nothing. */
export const defaultAlerts: PageAlerts = pageAlertsSchema.parse({});

const direction = z.enum(['drop', 'surge', 'silent']);
const evidence = z.object({ expected: z.number(), actual: z.number(), score: z.number() });

/** The latest incident of hourly detection, so that its alert and its recovery are sent once. */
export const earlySignalSchema = z.object({
  /** Local hour in which it began: `2026-11-22T07+01:00`. */
  since: z.string(),
  direction,
  actual: z.number(),
  open: z.boolean(),
  /** Usual hours in a row. */
  quiet: z.int(),
  /** End of the last evaluated hour, ISO in UTC. */
  through: z.string(),
  /** Expected views of the first three hours, for a steady page; absent for a surge of one hour and for silence. */
  expected: z.number().exactOptional(),
});
export type EarlySignal = z.infer<typeof earlySignalSchema>;

/** What a page usually has by hour, if it is steady: the shape of `SteadyProfile` in core/detect/steady-hours. */
export const steadyHoursSchema = z.object({
  /** End of the hours that it was learned from, ISO in UTC. */
  learned: z.string(),
  timeZone: z.string(),
  unit: z.enum(['views', 'clicks']),
  /** Null if the page is not steady. */
  profile: z
    .object({
      expected: z.array(z.number()).length(168),
      variance: z.array(z.number()).length(24),
      rest: z.array(z.number()).length(24),
      carry: z.number(),
      tail: z.number(),
    })
    .nullable(),
});
export type SteadyHours = z.infer<typeof steadyHoursSchema>;

/** Detection state of a page. */
export const pageStateSchema = z.object({
  page: z.string(),
  /** Last local date that daily detection has processed; empty before the first. */
  through: z.string().default(''),
  traffic: metricStateSchema.exactOptional(),
  'click-through': metricStateSchema.exactOptional(),
  early: earlySignalSchema.exactOptional(),
  steady: steadyHoursSchema.exactOptional(),
  /** Learned from useful and not useful mails; 1 is neutral. */
  threshold: z.number().default(1),
});
export type PageState = z.infer<typeof pageStateSchema>;

const causeValue = z.object({
  value: z.string(),
  /** Title of a link. */
  title: z.string().exactOptional(),
  before: z.number(),
  after: z.number(),
  share: z.number(),
});
export const causeSchema = z.object({
  change: z.number().nullable(),
  dimensions: z.array(
    z.object({
      dimension: z.enum(['link', 'referrer', 'country', 'device']),
      values: z.array(causeValue),
      share: z.number(),
      surprise: z.number(),
    }),
  ),
  bots: z.object({ before: z.number().nullable(), after: z.number().nullable() }),
});

/** A destination that visitors may not reach. */
export const brokenDestinationSchema = z.object({
  code: z.string(),
  /** Title of the link. */
  title: z.string().exactOptional(),
  url: z.string(),
  problem: z.string(),
});
export type BrokenDestination = z.infer<typeof brokenDestinationSchema>;

/** One alert from its opening to its end; what `/anomalies` shows. */
export const incidentSchema = z.object({
  id: z.string(),
  page: z.string(),
  metric: z.enum(alertMetrics),
  method: z.enum(alertMethods),
  direction,
  /** Local dates, or local hours of the early signal. */
  since: z.string(),
  lastAlert: z.string(),
  recovered: z.string().nullable(),
  /** Times of the runs that opened and ended it; milliseconds since the epoch. */
  openedAt: z.number(),
  recoveredAt: z.number().nullable(),
  /** Hours from `since` that `first` adds up; absent for a day, for a surge of one hour and for silence. */
  hours: z.int().exactOptional(),
  /** Unit of the values: clicks on a page that mostly has clicks. */
  unit: z.enum(['views', 'clicks', 'rate']),
  first: evidence,
  /** Values of the day or hour that ended it. */
  end: evidence.nullable(),
  cause: causeSchema.nullable(),
  broken: z.array(brokenDestinationSchema),
  /** Whether destinations were checked; false if there was no time or no destination. */
  checked: z.boolean(),
  /** Why the destinations could not be checked: every check failed alike, and so did one that always works. */
  checkProblem: z.string().exactOptional(),
  /** Whether its alert was mailed; absent if it belongs to another mail, or is of an older version. */
  mailed: z.boolean().exactOptional(),
});
export type Incident = z.infer<typeof incidentSchema>;

export const backtestLineSchema = z.object({ days: z.int(), evaluated: z.int(), dates: z.array(z.string()) });
export type BacktestLine = z.infer<typeof backtestLineSchema>;

const dayPoint = z.object({ date: z.string(), value: z.number().nullable() });

export const forecastDaySchema = z.object({ date: z.string(), views: z.number(), low: z.number(), high: z.number() });

/** Forecast of a page, replaced daily. */
export const pageForecastSchema = z.object({
  page: z.string(),
  /** The last settled local date that it uses. */
  through: z.string(),
  state: z.enum(['forecast', 'skipped']),
  reason: z.string().nullable(),
  /** Unit of the forecast: clicks on a page that mostly has clicks. */
  unit: z.enum(['views', 'clicks']),
  /** 28 days after `through`; the first 7 are the week's forecast. */
  days: z.array(forecastDaySchema),
  pace: z
    .object({
      month: z.string(),
      /** Unit of `soFar`, `expected` and `goal`; absent in older forecasts, which are in views. */
      unit: z.enum(['views', 'clicks']).exactOptional(),
      goal: z.number().nullable(),
      soFar: z.number(),
      expected: z.number(),
      low: z.number(),
      high: z.number(),
      /** Probability that the goal is reached; absent in older forecasts. */
      probability: z.number().min(0).max(1).nullable().exactOptional(),
      verdict: z.enum(['reached', 'ahead', 'on-course', 'behind']).nullable(),
    })
    .nullable(),
});
export type PageForecast = z.infer<typeof pageForecastSchema>;

/** Incidents in each group of an agency's mail; the dashboard lists all. */
export const longestAgencyGroup = 40;

const titled = { page: z.string(), title: z.string() };

/** Content of a mail, which is rendered when it is sent. */
export const mailContentSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('alert'),
    ...titled,
    incident: incidentSchema,
    /** Other incidents that opened on the same day. */
    also: z.array(incidentSchema).default([]),
    recent: z.array(dayPoint),
    backtest: backtestLineSchema.nullable(),
    sensitivity: z.enum(sensitivities),
  }),
  z.object({ kind: z.literal('recovery'), ...titled, incident: incidentSchema, recent: z.array(dayPoint) }),
  z.object({
    kind: z.literal('digest'),
    ...titled,
    ...pageSummaryParts,
    week: z.array(trafficDaySchema),
    pace: pageForecastSchema.shape.pace,
  }),
  z.object({
    kind: z.literal('monthly'),
    ...titled,
    ...pageSummaryParts,
    days: z.array(trafficDaySchema),
    goal: goalResultSchema.nullable(),
    /** Of the month after. */
    pace: pageForecastSchema.shape.pace,
  }),
  z.object({
    kind: z.literal('agency'),
    agency: z.string(),
    date: z.string(),
    pages: z.int(),
    opened: z.array(z.object({ ...titled, incident: incidentSchema })),
    continuing: z.array(z.object({ ...titled, incident: incidentSchema })),
    recovered: z.array(z.object({ ...titled, incident: incidentSchema })),
    /** How many there are of each; absent in mails of older versions, which list all. */
    counts: z.object({ opened: z.int(), continuing: z.int(), recovered: z.int() }).exactOptional(),
  }),
  z.object({ kind: z.literal('agency-monthly'), agency: z.string(), pages: z.int(), ...agencySummaryParts }),
  z.object({
    kind: z.literal('confirmation'),
    page: z.string(),
    /** When the link in the mail ends; milliseconds since the epoch. */
    expires: z.number(),
  }),
  z.object({
    kind: z.literal('metric-alert'),
    ...titled,
    metric: mailedMetricSchema,
    rule: metricAlertSchema,
    ...alertPeriodFields,
    expected: alertPeriodFields.expected.default(null),
    /** By the first date of each period. */
    recent: z.array(dayPoint),
    /** Time of the run that evaluated it; milliseconds since the epoch. */
    openedAt: z.number(),
  }),
  z.object({
    kind: z.literal('metric-recovery'),
    ...titled,
    metric: mailedMetricSchema,
    rule: metricAlertSchema,
    /** First local date of the period with which the alert opened. */
    since: z.string(),
    ...alertPeriodFields,
    recent: z.array(dayPoint),
    /** Time of the run that evaluated it; milliseconds since the epoch. */
    recoveredAt: z.number(),
  }),
]);
export type MailContent = z.infer<typeof mailContentSchema>;

/** Content of the mails to an agency. */
export type AgencyContent = Extract<MailContent, { kind: 'agency' | 'agency-monthly' }>;

/** Returns whether a mail is about an agency rather than a page. */
export function isAboutAgency(content: MailContent): content is AgencyContent {
  return content.kind === 'agency' || content.kind === 'agency-monthly';
}

/** Mails that are no news: they wait for alerts, are not sent to channels, and leave although a page is muted. */
export const summaryKinds: readonly OutgoingKind[] = ['digest', 'monthly', 'agency', 'agency-monthly'];

const outgoing = {
  id: z.string(),
  kind: z.enum(outgoingKinds),
  content: mailContentSchema,
  /** ISO instant before which it must not be sent. */
  notBefore: z.string(),
};

/** A mail to one address. It is claimed by a conditional write before it is sent. */
export const outgoingMailSchema = z.object({
  ...outgoing,
  /** Deleted as soon as the mail is sent. */
  address: z.string(),
  /** Keyed hash of the address. */
  recipient: z.string(),
});
export type OutgoingMail = z.infer<typeof outgoingMailSchema>;

/** A message to one channel (schemas/channels.ts), claimed in the same way. */
export const outgoingMessageSchema = z.object({
  ...outgoing,
  channel: z.object({ owner: z.string(), id: z.string() }),
  /** How often it was sent, and when first (ISO); null before. */
  attempts: z.int().default(0),
  firstAttempt: z.string().nullable().default(null),
});
export type OutgoingMessage = z.infer<typeof outgoingMessageSchema>;

/** What the outbox holds. */
export type OutgoingNotification = OutgoingMail | OutgoingMessage;

/** Jobs of functions/alerts, as named in payloads, schedules and the CLI. */
export const alertJobs = ['daily', 'hourly', 'forecast', 'digest'] as const;
export type AlertJob = (typeof alertJobs)[number];

/** The result of one run of an alert job. */
export const runRecordSchema = z.object({
  job: z.enum(alertJobs),
  /** The schedule's time, ISO. */
  time: z.string(),
  pages: z.int(),
  evaluated: z.int(),
  alerts: z.int(),
  recoveries: z.int(),
  mails: z.int(),
  /** Messages to channels; absent in records of older versions. */
  messages: z.int().default(0),
  /** Skipped pages, and unsent mails and messages, by reason. */
  skipped: z.record(z.string(), z.int()),
  queries: z.int(),
  dollars: z.number(),
  milliseconds: z.number(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

function oneOf(names: readonly string[]): string {
  return `one of ${names.join(', ')}`;
}
