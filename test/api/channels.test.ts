import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#functions/api/create-app.ts';
import { channelsSchema, channelTestSchema, createdChannelSchema } from '#schemas/api/channels.ts';
import { channelLimits } from '#schemas/channels.ts';
import { type Receiver, startReceiver, verifyWebhook } from '#test/alerts/channel-receiver.ts';
import { now, startWorld, type World } from './world.ts';

/** Channels of pages and agencies, as their users see them. */

let world: World;
let receiver: Receiver;
let app: World['app'];
beforeAll(async () => {
  world = await startWorld();
  receiver = await startReceiver();
  app = world.again({ privateDestinations: '127.0.0.1' });
});
afterAll(async () => {
  receiver.stop();
  await world.stop();
});

const slack = {
  service: 'slack',
  name: 'Marketing',
  webhookUrl: 'https://hooks.slack.com/services/T0000/B0000/XXXXwxyz',
};
const token = '123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';

async function send(as: string, method: string, path: string, body?: unknown) {
  const answer = await world.ask(as, path, { method, body, app });
  const text = await answer.text();
  return { status: answer.status, text, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}
async function create(body: object, of = 'page=/ada', as = 'ada') {
  const { status, text, body: created } = await send(as, 'post', `channels?${of}`, body);
  expect(status, text).toBe(201);
  return createdChannelSchema.parse(created);
}
async function list(of = 'page=/ada', as = 'ada') {
  return channelsSchema.parse((await send(as, 'get', `channels?${of}`)).body).rows;
}
async function clear(of = 'page=/ada', as = 'ada'): Promise<void> {
  for (const { id } of await list(of, as)) expect((await send(as, 'delete', `channels/${id}?${of}`)).status).toBe(204);
}

describe('a channel', () => {
  it.each([
    ['slack', slack, 'hooks.slack.com', 'wxyz'],
    [
      'discord',
      { ...slack, service: 'discord', webhookUrl: 'https://discord.com/api/webhooks/123/abcd' },
      'discord.com',
      'abcd',
    ],
    [
      'teams',
      {
        ...slack,
        service: 'teams',
        webhookUrl:
          'https://prod-1.westeurope.logic.azure.com:443/workflows/abc/triggers/manual/paths/invoke?api-version=2016-06-01&sig=s_i-g1',
      },
      'prod-1.westeurope.logic.azure.com',
      'i-g1',
    ],
    [
      'telegram',
      { service: 'telegram', name: 'Bot', botToken: token, chat: '-1001234567890' },
      'api.telegram.org',
      '7890',
    ],
    ['webhook', { ...slack, service: 'webhook', webhookUrl: 'https://example.com/hook' }, 'example.com', 'hook'],
  ] as const)('of %s shows its host and four characters, never its secret', async (_name, body, host, ending) => {
    const { signingSecret, ...created } = await create(body);
    expect(created).toMatchObject({ service: body.service, name: body.name, host, ending, last: null });
    expect(signingSecret === null).toBe(body.service !== 'webhook');
    const { text } = await send('ada', 'get', 'channels?page=/ada');
    expect(channelsSchema.parse(JSON.parse(text)).rows).toEqual([created]);
    for (const secret of ['XXXXwxyz', 'webhooks/123', 'sig=', token, 'AAHdq', 'whsec_', 'sealed'])
      expect(text).not.toContain(secret);
    const stored = JSON.stringify(await world.deps.channels.list('/ada'));
    for (const secret of ['XXXX', 'webhooks', 'sig=', 'AAHdq', 'whsec_']) expect(stored).not.toContain(secret);
    await clear();
  });

  it.each([
    ['a foreign host', 'webhookUrl', { ...slack, webhookUrl: 'https://hooks.slack.com.evil.example/services/T/B/X' }],
    ['no path', 'webhookUrl', { ...slack, webhookUrl: 'https://hooks.slack.com/' }],
    ['http', 'webhookUrl', { ...slack, service: 'webhook', webhookUrl: 'http://example.com/hook' }],
    ['file', 'webhookUrl', { ...slack, service: 'webhook', webhookUrl: 'file:///etc/passwd' }],
    ['a user name', 'webhookUrl', { ...slack, service: 'webhook', webhookUrl: 'https://me:pw@example.com/' }],
    [
      '2,049 characters',
      'webhookUrl',
      { ...slack, service: 'webhook', webhookUrl: `https://example.com/${'x'.repeat(2029)}` },
    ],
    [
      'a connector',
      'webhookUrl',
      { ...slack, service: 'teams', webhookUrl: 'https://north.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d' },
    ],
    ['the address of Discord', 'webhookUrl', { ...slack, webhookUrl: 'https://discord.com/api/webhooks/1/a' }],
    ['no bot token', 'botToken', { service: 'telegram', name: 'Bot', botToken: 'nonsense', chat: '1' }],
    ['no chat', 'chat', { service: 'telegram', name: 'Bot', botToken: token, chat: 'my group' }],
    ['no name', 'name', { ...slack, name: ' ' }],
    ['61 characters', 'name', { ...slack, name: 'x'.repeat(61) }],
    ['a line break', 'name', { ...slack, name: 'a\nb' }],
    ['another service', 'service', { ...slack, service: 'pager' }],
    ['an unknown field', 'color', { ...slack, color: 'red' }],
  ])('with %s is refused, naming `%s` and no secret', async (_name, field, body) => {
    const { status, text } = await send('ada', 'post', 'channels?page=/ada', body);
    expect(status).toBe(400);
    expect(text).toContain(`"field":"${field}"`);
    if (field === 'webhookUrl' || field === 'botToken') expect(text).toContain('"value":null');
    for (const given of ['evil.example', 'passwd', 'me:pw', 'nonsense', 'webhookb2']) expect(text).not.toContain(given);
  });

  it('may have 2,048 characters and a name of 60', async () => {
    await create({ service: 'webhook', name: 'x'.repeat(60), webhookUrl: `https://example.com/${'x'.repeat(2028)}` });
    await clear();
  });

  it('is one of ten of a page, and of an agency', async () => {
    for (let at = 0; at < channelLimits.ofOwner; at++) await create(slack);
    expect((await send('ada', 'post', 'channels?page=/ada', slack)).status).toBe(409);
    await create(slack, 'agency=north', 'nora');
    await clear();
    await clear('agency=north', 'nora');
  });

  it.each(['', 'page=/ada&agency=north', 'page=ada', `agency=${'x'.repeat(129)}`, 'agency='])(
    'has one owner, not `%s`',
    async (of) => {
      expect((await send('root', 'get', `channels?${of}`)).status).toBe(400);
    },
  );
});

describe('other tenants', () => {
  it('see, test and delete no channel', async () => {
    const ofPage = await create(slack);
    const ofAgency = await create(slack, 'agency=north', 'nora');
    for (const [as, of, id] of [
      ['bob', 'page=/ada', ofPage.id],
      ['sam', 'page=/ada', ofPage.id],
      ['sam', 'agency=north', ofAgency.id],
      ['ada', 'agency=north', ofAgency.id],
    ] as const)
      for (const [method, path] of [
        ['get', 'channels'],
        ['post', `channels/${id}/test`],
        ['delete', `channels/${id}`],
      ] as const)
        expect([as, method, (await send(as, method, `${path}?${of}`)).status]).toEqual([as, method, 404]);
    // An id under an owner of one's own is not the channel of another.
    expect((await send('sam', 'delete', `channels/${ofAgency.id}?agency=south`)).status).toBe(404);
    expect(await list()).toHaveLength(1);
    await clear();
    await clear('agency=north', 'nora');
  });
});

describe('the test button', () => {
  async function test(id: string) {
    const { status, text, body } = await send('ada', 'post', `channels/${id}/test?page=/ada`);
    expect(status, text).toBe(200);
    return { text, ...channelTestSchema.parse(body) };
  }
  function webhook(path = '/hook') {
    return create({ service: 'webhook', name: 'Ops <b>', webhookUrl: receiver.url + path });
  }

  it('sends a signed message, and says that it arrived', async () => {
    const { id, signingSecret } = await webhook();
    expect(await test(id)).toMatchObject({ delivered: true, detail: 'HTTP 200' });
    const request = receiver.received.at(-1);
    if (request === undefined) throw new Error('nothing arrived');
    expect(verifyWebhook(request, signingSecret ?? '')).toEqual({
      type: 'test',
      timestamp: new Date(now).toISOString(),
      data: { channel: 'Ops <b>', dashboard: 'https://go.example/app/pages/ada/settings?section=alerts' },
    });
    expect((await list())[0]?.last).toEqual({ at: new Date(now).toISOString(), delivered: true, detail: 'HTTP 200' });
    await clear();
  });

  it('says with which status it failed, and nothing of the response', async () => {
    const { id } = await webhook();
    receiver.answer = () => ({ status: 403, body: 'internal details' });
    const { text, ...result } = await test(id);
    expect(result).toEqual({ delivered: false, detail: 'returned HTTP 403' });
    expect(text).not.toContain('internal');
    await clear();
  });

  it('reaches no private address in a deployed stack', async () => {
    const { id } = await webhook();
    const before = receiver.received.length;
    const answer = await world.ask('ada', `channels/${id}/test?page=/ada`, { method: 'post' });
    expect(await answer.json()).toEqual({ delivered: false, detail: 'leads to an address that is not public' });
    expect(receiver.received).toHaveLength(before);
    await clear();
  });

  it('can be pressed ten times a minute', async () => {
    const { id } = await create(slack, 'agency=north', 'nora');
    const counted = createApp({
      ...world.deps,
      sendToChannel: async () => ({ kind: 'delivered', detail: 'HTTP 200' }),
    });
    const statuses: number[] = [];
    for (let at = 0; at <= channelLimits.testsAMinute; at++) {
      const path = `channels/${id}/test?agency=north`;
      statuses.push((await world.ask('nora', path, { method: 'post', app: counted })).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(channelLimits.testsAMinute);
    expect(statuses.at(-1)).toBe(429);
    await clear('agency=north', 'nora');
  });
});
