import { createHmac } from 'node:crypto';
import type { ChannelService, ChannelTarget } from '#schemas/channels.ts';
import { discordBody } from './discord.ts';
import type { ChannelMessage } from './message.ts';
import { slackBody } from './slack.ts';
import { teamsBody } from './teams.ts';
import { telegramBody } from './telegram.ts';

export interface ChannelRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What tells one message from another, and when it is sent; milliseconds since the epoch. */
export interface Sending {
  id: string;
  now: number;
}

/** Builds the POST that sends a message to a service. */
export function buildRequest(
  service: ChannelService,
  target: ChannelTarget,
  message: ChannelMessage,
  sending: Sending,
): ChannelRequest {
  const body = JSON.stringify(bodyOf(service, target, message));
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const headers = service === 'webhook' ? { ...json, ...signWebhook(body, target.key ?? '', sending) } : json;
  return { url: urlOf(service, target), headers, body };
}

function bodyOf(service: ChannelService, { chat = '' }: ChannelTarget, message: ChannelMessage): unknown {
  switch (service) {
    case 'slack':
      return slackBody(message);
    case 'discord':
      return discordBody(message);
    case 'teams':
      return teamsBody(message);
    case 'telegram':
      return telegramBody(message, chat);
    case 'webhook':
      return message.event;
    default:
      return service satisfies never;
  }
}

/** With `wait`, Discord responds only once it has the message, and with an error if it has not. */
function urlOf(service: ChannelService, { url }: ChannelTarget): string {
  if (service !== 'discord') return url;
  const waiting = new URL(url);
  waiting.searchParams.set('wait', 'true');
  return waiting.href;
}

/**
 * Returns the headers by which a receiver recognizes a request and a repeat.
 * @param key `whsec_` and the secret in base64
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook(body: string, key: string, { id, now }: Sending): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const secret = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
