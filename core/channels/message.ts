import { alertView, type IncidentView, recoveryView } from '#core/mails/alert-view.ts';
import { type MetricContent, metricAlertView } from '#core/mails/metric-alert-view.ts';
import { tidy } from '#core/mails/words.ts';
import type { MailContent } from '#schemas/alerts.ts';
import { type Channel, type WebhookEvent, webhookEventSchema } from '#schemas/channels.ts';

export type IncidentContent = Extract<MailContent, { kind: 'alert' | 'recovery' }>;
/** What channels get, of all mails. */
type MessageContent = IncidentContent | MetricContent;

/** A message to a channel, in plain text that each service must escape. */
export interface ChannelMessage {
  /** Of the page. */
  title: string;
  headline: string;
  lines: readonly string[];
  /** URL of the dashboard. */
  dashboard: string;
  tone: IncidentView['tone'];
  /** The same for programs. */
  event: WebhookEvent;
}

/** Says what the mail about the same news says. The same content makes the same message, so that a repeat is one. */
export function buildMessage(content: MessageContent, dashboard: string): ChannelMessage {
  switch (content.kind) {
    case 'alert':
    case 'recovery':
      return buildIncident(content, dashboard);
    case 'metric-alert':
    case 'metric-recovery':
      return buildMetricMessage(content, dashboard);
    default:
      return content satisfies never;
  }
}

/** Returns whether channels get a message about it, too. */
export function isMessaged(content: MailContent): content is MessageContent {
  return ['alert', 'recovery', 'metric-alert', 'metric-recovery'].includes(content.kind);
}

function buildMetricMessage(content: MetricContent, dashboard: string): ChannelMessage {
  const { title, headline, tone, lead, facts } = metricAlertView(content);
  const lines = [lead, ...facts];
  const { page, metric, rule, start, value, expected } = content;
  const isAlert = content.kind === 'metric-alert';
  const event = webhookEventSchema.parse({
    type: isAlert ? 'metric.alert' : 'metric.recovered',
    timestamp: new Date(isAlert ? content.openedAt : content.recoveredAt).toISOString(),
    data: {
      page,
      title,
      headline,
      lines,
      dashboard,
      metric,
      rule,
      since: isAlert ? start : content.since,
      start,
      value,
      expected,
    },
  });
  return { title, headline, lines, dashboard, tone, event };
}

function buildIncident(content: IncidentContent, dashboard: string): ChannelMessage {
  const view = content.kind === 'alert' ? alertView(content) : recoveryView(content);
  const { title, headline, tone } = view;
  const lines = [view.lead, ...listBroken(view), ...view.facts];
  const { incident } = content;
  const event = webhookEventSchema.parse({
    type: content.kind === 'alert' ? 'incident.opened' : 'incident.recovered',
    timestamp: new Date(incident.recoveredAt ?? incident.openedAt).toISOString(),
    data: {
      page: content.page,
      title,
      headline,
      lines,
      dashboard,
      incident,
      also: content.kind === 'alert' ? content.also : [],
    },
  });
  return { title, headline, lines, dashboard, tone, event };
}

function listBroken({ broken, moreBroken }: IncidentView): string[] {
  const lines = broken.map(({ name, problem }) => `${name} is broken: ${problem}`);
  return moreBroken === 0 ? lines : [...lines, `${moreBroken} more links are broken.`];
}

/** Builds the message of the test button. */
export function buildTestMessage(channel: Pick<Channel, 'name'>, dashboard: string, now: number): ChannelMessage {
  return {
    title: tidy(channel.name),
    headline: 'Test message',
    lines: ['This channel works. It gets a message when an alert opens, and one when it ends.'],
    dashboard,
    tone: 'calm',
    event: {
      type: 'test',
      timestamp: new Date(now).toISOString(),
      data: { channel: channel.name, dashboard },
    },
  };
}
