import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { channelServices } from '#schemas/channels.ts';
import { dropMail, hostileTitles, metricMail, metricRecoveryMail, recoveryMail } from '#test/alerts/mail-contents.ts';
import { buildMessage, buildTestMessage, type IncidentContent } from './message.ts';
import { type ChannelOutcome, nextAttempt, readOutcome } from './outcome.ts';
import { buildRequest, signWebhook } from './request.ts';
import { openTarget, sealTarget } from './seal.ts';

const dashboard = 'https://go.example/app/pages/ada/overview#alerts';
const at = Date.parse('2026-11-17T07:00:00Z');

function message(content = dropMail('Ada')) {
  return buildMessage(content as IncidentContent, dashboard);
}

function bodyFor(service: (typeof channelServices)[number], content = dropMail('Ada')) {
  const target = { url: 'https://example.com/hook', chat: '-100', key: 'whsec_AAAA' };
  return JSON.parse(buildRequest(service, target, message(content), { id: 'msg_1', now: at }).body);
}

describe('a message', () => {
  it('says what the mail says: numbers, links by title, causes and a link to the dashboard', () => {
    const { incident } = dropMail('Ada') as Extract<IncidentContent, { kind: 'alert' }>;
    const broken = incident.broken.map((each) => ({ ...each, title: 'Spring merch' }));
    const told = message(dropMail('Ada', { broken }));
    expect(told.headline).toBe('62% fewer views than usual');
    expect(told.lines.slice(0, 3)).toEqual([
      '380 views on Monday 16 November. Expected: about 1,000.',
      'Spring merch (/merch) is broken: https://shop.example/merch: returns HTTP 404',
      expect.stringContaining('94% of the change comes from Instagram'),
    ]);
    expect(told.event).toMatchObject({
      type: 'incident.opened',
      timestamp: '2026-11-17T00:25:00.000Z',
      data: { page: '/ada', dashboard, incident: { first: { expected: 1002.3, actual: 380 }, unit: 'views' } },
    });
    expect(told.event.data).not.toHaveProperty('incident.mailed');
  });

  it('says when an incident is over', () => {
    const told = message(recoveryMail('Ada'));
    expect(told.headline).toBe('Back to normal');
    expect(told.event).toMatchObject({ type: 'incident.recovered', data: { incident: { recovered: '2026-11-20' } } });
  });

  it('says which metric is beyond its threshold', () => {
    const told = buildMessage(metricMail('Ada'), dashboard);
    expect([told.headline, told.tone]).toEqual(['Sales per click is below 5.0% for 2 weeks', 'down']);
    expect(told.lines[0]).toBe('It was 4.3% in the week from Monday 9 November.');
    expect(told.event).toMatchObject({
      type: 'metric.alert',
      timestamp: '2026-11-16T00:25:00.000Z',
      data: { page: '/ada', metric: { id: 'm1' }, rule: { value: 0.05 }, start: '2026-11-09', value: 0.043 },
    });
  });

  it('says when a metric is within its threshold again', () => {
    const told = buildMessage(metricRecoveryMail('Ada'), dashboard);
    expect([told.headline, told.tone]).toEqual(['Sales per click is back within its threshold', 'calm']);
    expect(told.event).toMatchObject({
      type: 'metric.recovered',
      timestamp: '2026-11-23T00:25:00.000Z',
      data: { page: '/ada', since: '2026-11-09', start: '2026-11-16', value: 0.062, expected: null },
    });
  });

  it('is the same each time it is sent, so that a repeat has the same body', () => {
    for (const service of channelServices) expect(bodyFor(service)).toEqual(bodyFor(service));
  });
});

/** Every text of a body, by where it is. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const mentions = '@everyone @here <!channel> <@U123> <@&42> </a> **b** _i_ `c` [x](https://evil.example) ||s|| # h';
const hostile = { ...hostileTitles, mentions, emoji: '👩‍👩‍👧‍👦'.repeat(80) };

describe.each(Object.entries(hostile))('a hostile title, %s,', (_name, title) => {
  const content = dropMail(title, {
    broken: Array.from({ length: 20 }, (_, at) => ({
      code: `l${at}`,
      title,
      url: `https://e.example/${title}`,
      problem: title,
    })),
  });

  it('stays text in Slack, within its limits', () => {
    const body = bodyFor('slack', content);
    const [header, section, link] = body.blocks;
    expect([header.text.type, section.text.type]).toEqual(['plain_text', 'plain_text']);
    expect(header.text.text.length).toBeLessThanOrEqual(150);
    expect(section.text.text.length).toBeLessThanOrEqual(3000);
    expect(link.text.text).toBe(`<${dashboard}|Open the dashboard>`);
    expect(body.text).not.toMatch(/[<>]/);
  });

  it('has no mention and no markup in Discord, within its limits', () => {
    const body = bodyFor('discord', content);
    expect(body.allowed_mentions).toEqual({ parse: [] });
    const [embed] = body.embeds;
    expect(embed.title.length).toBeLessThanOrEqual(256);
    expect(embed.description.length).toBeLessThanOrEqual(4096);
    expect(embed.title.length + embed.description.length).toBeLessThanOrEqual(6000);
    const own = embed.description.replace(`[Open the dashboard](${dashboard})`, '');
    expect(`${embed.title}${own}`.replaceAll(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[*_`|~<>@#[\]()]/);
  });

  it('is a text run in Teams, and the card is small enough', () => {
    const [card] = bodyFor('teams', content).attachments;
    for (const block of card.content.body) {
      expect(block.type).toBe('RichTextBlock');
      expect(block.inlines.map(({ type }: { type: string }) => type)).toEqual(['TextRun']);
    }
    expect(JSON.stringify(card).length).toBeLessThan(28_000);
    expect(card.content).not.toHaveProperty('msteams');
  });

  it('is escaped HTML without mentions in Telegram, within its limit', () => {
    const { text } = bodyFor('telegram', content);
    const plain = text.replaceAll(/<\/?b>|<a href="[^"<>]*">|<\/a>/g, '');
    expect(plain).not.toMatch(/[<>]/);
    expect(plain).not.toMatch(/[@/]\w/);
    expect(text.replaceAll(/<[^>]*>/g, '').replaceAll(/&\w+;/g, '&').length).toBeLessThanOrEqual(4096);
    expect(text.split('&').every((part: string, at: number) => at === 0 || /^(amp|lt|gt);/.test(part))).toBe(true);
  });

  it('never holds a lone surrogate', () => {
    for (const service of channelServices)
      for (const text of textsIn(bodyFor(service, content))) expect(text.isWellFormed()).toBe(true);
  });
});

it('asks Discord for an error, and keeps the thread of its address', () => {
  const target = { url: 'https://discord.com/api/webhooks/1/a?thread_id=5' };
  expect(buildRequest('discord', target, message(), { id: '', now: at }).url).toBe(
    'https://discord.com/api/webhooks/1/a?thread_id=5&wait=true',
  );
});

describe('the signature of a webhook', () => {
  it('is that of the example of Standard Webhooks', () => {
    // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    const headers = signWebhook('{"test": 2432232314}', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      now: 1_614_265_330_999,
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('covers the id, the time and the body', () => {
    const target = { url: 'https://example.com', key: 'whsec_c2VjcmV0' };
    const { headers, body } = buildRequest('webhook', target, message(), { id: 'msg_1', now: at });
    const expected = createHmac('sha256', 'secret')
      .update(`msg_1.${at / 1000}.${body}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  });
});

describe('a target', () => {
  const channel = { owner: '/ada', id: '01' };
  const target = { url: 'https://hooks.slack.com/services/T/B/secret' };
  const iv = new Uint8Array(12).fill(7);
  const sealed = sealTarget(target, channel, { secret: 's', iv });

  it('is encrypted', () => {
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('secret');
    expect(openTarget({ ...channel, sealed }, 's')).toEqual(target);
  });

  it.each([
    ['another secret', { ...channel, sealed }, 't'],
    ['another page', { ...channel, owner: '/bob', sealed }, 's'],
    ['another channel', { ...channel, id: '02', sealed }, 's'],
    ['a changed text', { ...channel, sealed: `${sealed.slice(0, -2)}AA` }, 's'],
    ['a short text', { ...channel, sealed: 'AAAA' }, 's'],
  ])('does not open with %s', (_name, other, secret) => {
    expect(() => openTarget(other, secret)).toThrow();
  });
});

describe('what came back', () => {
  function outcome(status: number, retryAfter: string | null = null, body = ''): ChannelOutcome {
    return readOutcome({ kind: 'status', status, retryAfter, body: Buffer.from(body) }, at);
  }

  it.each([200, 202, 204, 299])('HTTP %d is a delivery', (status) => {
    expect(outcome(status)).toEqual({ kind: 'delivered', detail: `HTTP ${status}` });
  });

  it.each([199, 301, 302, 400, 404, 429, 500])('HTTP %d is a failure that is tried again', (status) => {
    expect(outcome(status, null, 'private')).toEqual({
      kind: 'failed',
      detail: `returned HTTP ${status}`,
      retryAfter: 0,
      final: false,
    });
  });

  it('HTTP 410 ends the attempts', () => {
    expect(outcome(410)).toMatchObject({ final: true });
  });

  it.each([
    ['seconds', '30', '', 30_000],
    ['a date', 'Tue, 17 Nov 2026 07:01:00 GMT', '', 60_000],
    ['a past date', 'Tue, 17 Nov 2026 06:00:00 GMT', '', 0],
    ['nonsense', 'soon', '', 0],
    ['a negative number', '-5', '', 0],
    ['more than a day', '999999999', '', 86_400_000],
    ['Telegram’s body', null, '{"ok":false,"parameters":{"retry_after":7}}', 7000],
    ['Discord’s body', null, '{"retry_after":0.65,"global":false}', 650],
    ['another body', null, '{"retry_after":"x"}', 0],
  ])('waits as %s says', (_name, header, body, expected) => {
    expect(outcome(429, header, body)).toMatchObject({ retryAfter: expected });
  });
});

describe('the next attempt', () => {
  const failed = { kind: 'failed', detail: '', retryAfter: 0, final: false } as const;
  const minutes = 60_000;

  it.each([
    [1, 5],
    [2, 30],
    [3, 120],
    [4, 300],
    [9, 300],
  ])('after %d attempts is %d minutes later', (attempts, wait) => {
    expect(nextAttempt(failed, { attempts, first: at, now: at })).toBe(at + wait * minutes);
  });

  it('waits longer if the service says so', () => {
    const limited = { ...failed, retryAfter: 60 * minutes };
    expect(nextAttempt(limited, { attempts: 1, first: at, now: at })).toBe(at + 60 * minutes);
  });

  it('is none after two days, and none if the service wants no more', () => {
    const end = at + 48 * 60 * minutes;
    expect(nextAttempt(failed, { attempts: 9, first: at, now: end - 1 })).toBeDefined();
    expect(nextAttempt(failed, { attempts: 9, first: at, now: end })).toBeUndefined();
    expect(nextAttempt({ ...failed, final: true }, { attempts: 1, first: at, now: at })).toBeUndefined();
  });
});

it('the test message says that it is one', () => {
  expect(buildTestMessage({ name: 'Ops' }, dashboard, at)).toMatchObject({
    headline: 'Test message',
    event: { type: 'test', timestamp: '2026-11-17T07:00:00.000Z', data: { channel: 'Ops' } },
  });
});
