import type { z } from 'zod';
import { buildTestMessage } from '#core/channels/message.ts';
import { sealTarget } from '#core/channels/seal.ts';
import { ulidOf } from '#core/ulid.ts';
import {
  channelOwnerSchema,
  channelsSchema,
  channelTestSchema,
  createdChannelSchema,
  newChannelSchema,
  type NewChannel,
} from '#schemas/api/channels.ts';
import { agencyOwner, type Channel, type ChannelTarget } from '#schemas/channels.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import type { Principal } from '../principal.ts';
import { notFound, tooManyRequests } from '../problem.ts';
import { toChannelView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { createdResponses, idParams, jsonBody, okResponses, removedResponses } from './responses.ts';

/** Where alerts go besides mail: channels of a page, and of an agency. */
export function channelRoutes(deps: ApiDeps, access: Access) {
  /** @returns whose channels they are, and its view in the dashboard */
  async function findOwner(principal: Principal, { page, agency = '' }: z.infer<typeof channelOwnerSchema>) {
    if (page === undefined) {
      await access.agency(principal, agency);
      return { owner: agencyOwner(agency), view: `/app/agencies/${encodeURIComponent(agency)}/overview` };
    }
    const { path } = await access.page(principal, page);
    return { owner: path, view: `/app/pages/${encodeURIComponent(path.slice(1))}/settings?section=alerts` };
  }
  return createRouter()
    .openapi(listChannels(), async (c) => {
      const { owner } = await findOwner(c.var.principal, c.req.valid('query'));
      return c.json({ rows: (await deps.channels.list(owner)).map(toChannelView) }, 200);
    })
    .openapi(createChannel(), async (c) => {
      const { owner } = await findOwner(c.var.principal, c.req.valid('query'));
      checkLimit('channels', (await deps.channels.list(owner)).length, ownerLimits.channelsOfOwner);
      const body = c.req.valid('json');
      const target = targetOf(body, deps.random);
      const created = { id: ulidOf(deps.now(), deps.random(16)), owner };
      const channel: Channel = {
        ...created,
        service: body.service,
        name: body.name,
        host: new URL(target.url).hostname,
        ending: (target.chat ?? target.url).slice(-4),
        sealed: sealTarget(target, created, { secret: await deps.recipients.secret(), iv: deps.random(12) }),
        createdAt: new Date(deps.now()).toISOString(),
        last: null,
      };
      await deps.channels.put(owner, channel);
      return c.json({ ...toChannelView(channel), signingSecret: target.key ?? null }, 201);
    })
    .openapi(testChannel(), async (c) => {
      const { owner, view } = await findOwner(c.var.principal, c.req.valid('query'));
      const { id } = c.req.valid('param');
      const channel = (await deps.channels.list(owner)).find((each) => each.id === id);
      if (channel === undefined) throw notFound('Channel');
      if (!(await deps.channelTestRate(owner))) throw tooManyRequests(60);
      const now = deps.now();
      const message = buildTestMessage(channel, deps.addresses.publicUrl + view, now);
      const { kind, detail } = await deps.sendToChannel(channel, message, `test_${ulidOf(now, deps.random(16))}`);
      const delivered = kind === 'delivered';
      await deps.channels.replace(owner, { ...channel, last: { at: new Date(now).toISOString(), delivered, detail } });
      return c.json({ delivered, detail }, 200);
    })
    .openapi(removeChannel(), async (c) => {
      const { owner } = await findOwner(c.var.principal, c.req.valid('query'));
      if (!(await deps.channels.remove(owner, c.req.valid('param').id))) throw notFound('Channel');
      return c.body(null, 204);
    });
}

/** Returns where the messages go. A webhook gets a secret of 256 bits with which its requests are signed. */
function targetOf(body: NewChannel, random: (bytes: number) => Uint8Array): ChannelTarget {
  switch (body.service) {
    case 'telegram':
      return { url: `https://api.telegram.org/bot${body.botToken}/sendMessage`, chat: body.chat };
    case 'webhook':
      return { url: body.webhookUrl, key: `whsec_${Buffer.from(random(32)).toString('base64')}` };
    case 'slack':
    case 'discord':
    case 'teams':
      return { url: body.webhookUrl };
    default:
      return body satisfies never;
  }
}

const tags = ['alerts and forecasts'];

function listChannels() {
  return defineRoute('owners', {
    method: 'get',
    path: '/channels',
    tags,
    operationId: 'listChannels',
    summary: 'List the channels that get the alerts of a page, or of all pages of an agency, without their secrets',
    request: { query: channelOwnerSchema },
    responses: okResponses('Channels, oldest first', channelsSchema),
  });
}

function createChannel() {
  return defineRoute('owners', {
    method: 'post',
    path: '/channels',
    tags,
    operationId: 'createChannel',
    summary: 'Send alerts to Slack, Discord, Microsoft Teams, Telegram or a webhook',
    request: { query: channelOwnerSchema, body: jsonBody(newChannelSchema) },
    responses: createdResponses(
      'The channel; a webhook with its signing secret, which is shown once',
      createdChannelSchema,
    ),
  });
}

function testChannel() {
  return defineRoute('owners', {
    method: 'post',
    path: '/channels/{id}/test',
    tags,
    operationId: 'testChannel',
    summary: 'Send a test message now',
    request: { params: idParams, query: channelOwnerSchema },
    responses: okResponses('Whether the service accepted it', channelTestSchema),
  });
}

function removeChannel() {
  return defineRoute('owners', {
    method: 'delete',
    path: '/channels/{id}',
    tags,
    operationId: 'removeChannel',
    summary: 'Delete a channel; messages that wait for it are not sent',
    request: { params: idParams, query: channelOwnerSchema },
    responses: removedResponses('Deleted'),
  });
}
