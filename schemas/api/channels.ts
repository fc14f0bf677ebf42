import { z } from 'zod';
import { lineOfText } from '../catalog.ts';
import { type ChannelService, channelLimits, channelSchema } from '../channels.ts';
import { pageQuery } from './listing.ts';

/** The owner of channels: a page or an agency. */
export const channelOwnerSchema = z
  .strictObject({
    page: pageQuery.optional(),
    agency: z.string().min(1).max(128).optional().meta({ description: 'Its channels get the alerts of all its pages' }),
  })
  .refine(({ page, agency }) => (page === undefined) !== (agency === undefined), {
    path: ['page'],
    error: 'given, or `agency`, but not both',
  });

const name = lineOfText(channelLimits.name).meta({ example: 'Marketing' });

/** Addresses that a service gives out for webhooks. The host decides who gets the messages, so others are refused. */
const addresses = {
  slack: {
    allowed: 'the address of a Slack incoming webhook: https://hooks.slack.com/services/…',
    host: /^hooks\.slack(-gov)?\.com$/,
    path: /^\/services\/\w+\/\w+\/\w+$/,
  },
  discord: {
    allowed: 'the address of a Discord webhook: https://discord.com/api/webhooks/…',
    host: /^((ptb|canary)\.)?discord(app)?\.com$/,
    path: /^\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+$/,
  },
  teams: {
    allowed:
      'the address of a webhook in Teams Workflows, at logic.azure.com or api.powerplatform.com; connectors at webhook.office.com have ended',
    host: /\.(logic\.azure\.(com|us|cn)|api\.powerplatform\.(com|us)|powerplatform\.microsoft\.us)$/,
    path: /\/workflows\/\w+\//,
  },
  webhook: { allowed: 'an https URL without a user name', host: /./, path: /^\// },
} as const satisfies Partial<Record<ChannelService, { allowed: string; host: RegExp; path: RegExp }>>;

function webhookUrl(service: keyof typeof addresses) {
  const { allowed, host, path } = addresses[service];
  return z
    .string()
    .trim()
    .max(channelLimits.url)
    .refine(
      (text) => {
        const url = URL.parse(text);
        if (url === null || url.username !== '' || url.password !== '') return false;
        // The guard lets nobody there but tests of the local stack.
        const isSecure = url.protocol === 'https:' || (service === 'webhook' && url.hostname === '127.0.0.1');
        return isSecure && host.test(url.hostname) && path.test(url.pathname);
      },
      { error: allowed },
    )
    .meta({ description: `Stored encrypted and in no response: ${allowed}` });
}

function withUrl<Service extends keyof typeof addresses>(service: Service) {
  return z.strictObject({ service: z.literal(service), name, webhookUrl: webhookUrl(service) });
}

export const newChannelSchema = z
  .discriminatedUnion('service', [
    withUrl('slack'),
    withUrl('discord'),
    withUrl('teams'),
    withUrl('webhook'),
    z.strictObject({
      service: z.literal('telegram'),
      name,
      botToken: z
        .string()
        .trim()
        .regex(/^\d{5,15}:[\w-]{30,60}$/, 'the token of a bot, as BotFather shows it: 123456789:…')
        .meta({ description: 'Stored encrypted and in no response' }),
      chat: z
        .string()
        .trim()
        .regex(
          /^(-?\d{1,19}|@[A-Za-z]\w{3,31})$/,
          'the id of a chat, such as -1001234567890, or the @name of a public one',
        )
        .meta({ example: '-1001234567890' }),
    }),
  ])
  .meta({
    id: 'NewChannel',
    example: {
      service: 'slack',
      name: 'Marketing',
      webhookUrl: 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX',
    },
  });
export type NewChannel = z.infer<typeof newChannelSchema>;

export const channelViewSchema = channelSchema
  .pick({ id: true, service: true, name: true, host: true, createdAt: true, last: true })
  .extend({
    ending: channelSchema.shape.ending.meta({ description: 'The last four characters of the URL or the chat' }),
    last: channelSchema.shape.last.meta({ description: 'What came of the last message; null before the first' }),
  })
  .meta({ id: 'Channel' });
export type ChannelView = z.infer<typeof channelViewSchema>;

export const channelsSchema = z.object({ rows: z.array(channelViewSchema) }).meta({ id: 'Channels' });

export const createdChannelSchema = channelViewSchema
  .extend({
    signingSecret: z.string().nullable().meta({
      description: 'Of a webhook: verifies the signature of each request (Standard Webhooks). Shown once',
    }),
  })
  .meta({ id: 'CreatedChannel' });

export const channelTestSchema = z
  .object({
    delivered: z.boolean(),
    detail: z.string().meta({ example: 'returned HTTP 404', description: 'The status, or why there is none' }),
  })
  .meta({ id: 'ChannelTest' });
