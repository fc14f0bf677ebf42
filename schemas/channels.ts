import { z } from 'zod';
import { incidentSchema } from './alerts.ts';
import { alertPeriodFields, mailedMetricSchema, metricAlertSchema } from './insights/metric-alert.ts';

/** Chat services and webhooks that get the alerts of a page, or of all pages of an agency. */

export const channelServices = ['slack', 'discord', 'teams', 'telegram', 'webhook'] as const;
export type ChannelService = (typeof channelServices)[number];

export const channelLimits = {
  /** Channels of a page, and of an agency. */
  ofOwner: 10,
  /** Characters of a name, and of a webhook URL. */
  name: 60,
  url: 2048,
  /** Test messages a minute, of a page or an agency. */
  testsAMinute: 10,
  /** Hours after the first attempt in which a message is sent again. */
  retryHours: 48,
  /** Days for which a message that was given up waits for `hopcount redrive`. */
  deadDays: 14,
} as const;

/** What a channel belongs to: the path of a page, or {@link agencyOwner}. */
export function agencyOwner(agency: string): string {
  return `agency#${agency}`;
}

/** A channel as it is stored. It never changes, except for `last`. */
export const channelSchema = z.object({
  id: z.string(),
  owner: z.string(),
  service: z.enum(channelServices),
  name: z.string(),
  /** Host of the URL, and the last four characters of the URL or the chat. */
  host: z.string(),
  ending: z.string(),
  /** {@link channelTargetSchema}, encrypted by core/channels/seal.ts. */
  sealed: z.string(),
  createdAt: z.iso.datetime(),
  /** Result of the last message. */
  last: z.object({ at: z.iso.datetime(), delivered: z.boolean(), detail: z.string() }).nullable(),
});
export type Channel = z.infer<typeof channelSchema>;

/** Where messages of a channel go. Whoever knows it can send messages there. */
export const channelTargetSchema = z.object({
  url: z.string(),
  /** Of Telegram. */
  chat: z.string().exactOptional(),
  /** Signs requests to a webhook: `whsec_…`. */
  key: z.string().exactOptional(),
});
export type ChannelTarget = z.infer<typeof channelTargetSchema>;

/** An incident as a webhook gets it. */
const webhookIncidentSchema = incidentSchema.pick({
  id: true,
  page: true,
  metric: true,
  method: true,
  direction: true,
  since: true,
  lastAlert: true,
  recovered: true,
  hours: true,
  unit: true,
  first: true,
  end: true,
  cause: true,
  broken: true,
});

const incidentDataSchema = z.object({
  page: z.string(),
  title: z.string(),
  headline: z.string(),
  /** Sentences of the mail: numbers, broken links, causes. */
  lines: z.array(z.string()),
  dashboard: z.string(),
  incident: webhookIncidentSchema,
  /** Other incidents that opened on the same day. */
  also: z.array(webhookIncidentSchema),
});

const metricAlertDataSchema = z.object({
  page: z.string(),
  title: z.string(),
  headline: z.string(),
  lines: z.array(z.string()),
  dashboard: z.string(),
  metric: mailedMetricSchema,
  rule: metricAlertSchema,
  /** First local date of the period with which the alert opened. */
  since: z.string(),
  ...alertPeriodFields,
});

/** Body of a request to a webhook, as Standard Webhooks suggests: a type, when it happened, and its data. */
export const webhookEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('incident.opened'), timestamp: z.iso.datetime(), data: incidentDataSchema }),
  z.object({ type: z.literal('incident.recovered'), timestamp: z.iso.datetime(), data: incidentDataSchema }),
  z.object({ type: z.literal('metric.alert'), timestamp: z.iso.datetime(), data: metricAlertDataSchema }),
  z.object({ type: z.literal('metric.recovered'), timestamp: z.iso.datetime(), data: metricAlertDataSchema }),
  z.object({
    type: z.literal('test'),
    timestamp: z.iso.datetime(),
    data: z.object({ channel: z.string(), dashboard: z.string() }),
  }),
]);
export type WebhookEvent = z.infer<typeof webhookEventSchema>;
