import { expect, it } from 'vitest';
import { type MailToken, readToken, recipientId, signToken } from '#core/alerts/mail-token.ts';
import { createMailFeedback } from './mail-feedback.ts';

const secret = 'a secret of the test';

function start({ asked = true, logo = null as string | null } = {}) {
  const calls: unknown[] = [];
  function record(name: string) {
    return async (...values: unknown[]) => void calls.push([name, ...values]);
  }
  const handle = createMailFeedback({
    deps: {
      alerts: {
        answer: async (...values) => {
          calls.push(['answer', ...values]);
          return 1.1;
        },
      },
      mails: { refuse: record('refuse'), suppress: record('suppress') },
      confirmations: {
        confirm: async (...values) => {
          calls.push(['confirm', ...values]);
          return asked;
        },
      },
      brands: {
        get: async (agency) =>
          agency === 'north' ? { name: 'North', logo, accent: null, poweredBy: true } : undefined,
      },
      secret: async () => secret,
    },
    logger: { info: () => undefined, warn: () => undefined },
  });
  return { handle, calls };
}

function request(method: string, path: string, token: string) {
  return {
    rawPath: `/api/mail/${path}`,
    queryStringParameters: { token },
    requestContext: { http: { method }, timeEpoch: 1234 },
  };
}

const unsubscribe: MailToken = { does: 'unsubscribe', recipient: 'r1', kind: 'alert', subject: '/ada' };
const vote: MailToken = {
  does: 'feedback',
  recipient: 'r1',
  page: '/ada',
  incident: '2026-11-16#traffic',
  answer: 'not-useful',
};

const confirm: MailToken = { does: 'confirm', recipient: 'r1', page: '/ada', expires: 1235 };

it('asks for confirmation, so that a mail scanner neither votes nor unsubscribes', async () => {
  const { handle, calls } = start();
  for (const [path, token] of [
    ['unsubscribe', unsubscribe],
    ['feedback', vote],
    ['confirm', confirm],
  ] as const)
    for (const method of ['GET', 'HEAD'])
      expect(await handle(request(method, path, signToken(token, secret)))).toMatchObject({
        statusCode: 200,
        body: expect.stringContaining('<form method="post"><button>'),
      });
  expect(calls).toEqual([]);
});

it('is in no frame, no cache and no referrer, whatever the link says', async () => {
  const { handle } = start();
  for (const token of [signToken(confirm, secret), 'forged'])
    for (const method of ['GET', 'POST', 'DELETE'])
      expect(await handle(request(method, 'confirm', token))).toMatchObject({
        headers: {
          'cache-control': 'no-store',
          'content-security-policy': expect.stringMatching(
            /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
          ),
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
        },
      });
});

it('acts on the button and on one-click unsubscribe', async () => {
  const { handle, calls } = start();
  expect(await handle(request('POST', 'unsubscribe', signToken(unsubscribe, secret)))).toMatchObject({
    statusCode: 200,
    body: expect.stringContaining('You are unsubscribed'),
  });
  expect(await handle(request('POST', 'feedback', signToken(vote, secret)))).toMatchObject({ statusCode: 200 });
  expect(calls).toEqual([
    ['refuse', 'r1', 'alert', '/ada', 1234],
    ['answer', '/ada', '2026-11-16#traffic', 'r1', 'not-useful', 1234],
  ]);
});

it('confirms an address by the button only, for one page, and until the link expires', async () => {
  const { handle, calls } = start();
  expect(await handle(request('POST', 'confirm', signToken(confirm, secret)))).toMatchObject({
    statusCode: 200,
    body: expect.stringContaining('Your address is confirmed'),
  });
  expect(calls).toEqual([['confirm', 'r1', '/ada', 1234]]);
  for (const method of ['GET', 'POST'])
    expect(await handle(request(method, 'confirm', signToken({ ...confirm, expires: 1234 }, secret)))).toMatchObject({
      statusCode: 410,
    });
  for (const forged of [
    signToken(confirm, 'another secret'),
    signToken(unsubscribe, secret),
    `${Buffer.from(JSON.stringify({ ...confirm, page: '/bob' })).toString('base64url')}.${signToken(confirm, secret).split('.')[1]}`,
  ])
    expect(await handle(request('POST', 'confirm', forged))).toMatchObject({ statusCode: 400 });
  expect(calls).toHaveLength(1);
});

it('confirms no address that is not asked any more', async () => {
  const { handle } = start({ asked: false });
  expect(await handle(request('POST', 'confirm', signToken(confirm, secret)))).toMatchObject({ statusCode: 410 });
});

it('ends the requests to confirm for every page', async () => {
  const { handle, calls } = start();
  const never: MailToken = { does: 'unsubscribe', recipient: 'r1', kind: 'confirmation', subject: '*' };
  expect(await handle(request('POST', 'unsubscribe', signToken(never, secret)))).toMatchObject({
    body: expect.stringContaining('You will no longer be asked'),
  });
  expect(calls).toEqual([['refuse', 'r1', 'confirmation', '*', 1234]]);
});

it.each([
  ['no token', ''],
  ['a token of another stack', signToken(unsubscribe, 'another secret')],
  [
    'a changed token',
    `${Buffer.from(JSON.stringify({ ...unsubscribe, recipient: 'r2' })).toString('base64url')}.${signToken(unsubscribe, secret).split('.')[1]}`,
  ],
  ['a token for another action', signToken(vote, secret)],
  ['an incomplete token', signToken(unsubscribe, secret).slice(0, -3)],
])('refuses %s', async (_what, token) => {
  const { handle, calls } = start();
  expect(await handle(request('POST', 'unsubscribe', token))).toMatchObject({ statusCode: 400 });
  expect(calls).toEqual([]);
});

it('refuses other methods', async () => {
  const { handle, calls } = start();
  const response = await handle(request('DELETE', 'unsubscribe', signToken(unsubscribe, secret)));
  expect(response).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD, POST' } });
  expect(calls).toEqual([]);
});

const logo =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGMQ0bABIgYUCgAcrQLRilA+/wAAAABJRU5ErkJggg==';

it('serves the logo of an agency as a picture that mailers may show and keep, and that does nothing else', async () => {
  const { handle, calls } = start({ logo });
  const token = signToken({ does: 'logo', agency: 'north' }, secret);
  for (const method of ['GET', 'HEAD'])
    expect(await handle(request(method, 'logo', token))).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'image/png',
        'cache-control': 'public, max-age=86400',
        'content-security-policy': "default-src 'none'",
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff',
      },
      body: logo.slice('data:image/png;base64,'.length),
      isBase64Encoded: true,
    });
  expect(await handle(request('POST', 'logo', token))).toMatchObject({
    statusCode: 405,
    headers: { allow: 'GET, HEAD' },
  });
  expect(await handle(request('GET', 'logo', signToken(unsubscribe, secret)))).toMatchObject({ statusCode: 400 });
  expect(await handle(request('POST', 'unsubscribe', token))).toMatchObject({ statusCode: 400 });
  const guessed = signToken({ does: 'logo', agency: 'north' }, 'another secret');
  expect(await handle(request('GET', 'logo', guessed))).toMatchObject({ statusCode: 400 });
  expect(calls).toEqual([]);
});

it.each([
  ['an agency without a white label', 'south', logo],
  ['an agency without a logo', 'north', null],
  ['a logo that is none', 'north', 'data:image/png;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='],
])('has no picture of %s', async (_what, agency, stored) => {
  const { handle } = start({ logo: stored });
  const token = signToken({ does: 'logo', agency }, secret);
  expect(await handle(request('GET', 'logo', token))).toMatchObject({
    statusCode: 404,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  });
});

it('escapes HTML in the subject', async () => {
  const { handle } = start();
  const token = signToken({ ...unsubscribe, subject: '<script>alert(1)</script>' }, secret);
  expect(await handle(request('GET', 'unsubscribe', token))).toMatchObject({
    body: expect.not.stringContaining('<script>'),
  });
});

function report(message: unknown) {
  return {
    Records: [{ Sns: { Message: JSON.stringify(message), Timestamp: '2026-11-22T07:00:00Z' } }],
  };
}
const ada = recipientId('ada@example.com', secret);

it.each([
  [
    'a bounce',
    {
      eventType: 'Bounce',
      bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'Ada@Example.com' }] },
    },
    'bounce',
  ],
  [
    'a bounce in an identity notification',
    {
      notificationType: 'Bounce',
      bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'Ada <ada@example.com>' }] },
    },
    'bounce',
  ],
  [
    'a complaint',
    { eventType: 'Complaint', complaint: { complainedRecipients: [{ emailAddress: 'ada@example.com' }] } },
    'complaint',
  ],
])('suppresses the address of %s without storing it', async (_what, message, reason) => {
  const { handle, calls } = start();
  expect(await handle(report(message))).toEqual({ suppressed: 1, transient: 0, ignored: 0, unreadable: 0 });
  expect(calls).toEqual([['suppress', ada, reason, Date.parse('2026-11-22T07:00:00Z')]]);
  expect(JSON.stringify(calls)).not.toContain('@');
});

it('does not suppress after a temporary bounce, and counts unreadable reports', async () => {
  const { handle, calls } = start();
  const full = {
    eventType: 'Bounce',
    bounce: { bounceType: 'Transient', bouncedRecipients: [{ emailAddress: 'a@b.c' }] },
  };
  expect(await handle(report(full))).toMatchObject({ transient: 1, suppressed: 0 });
  expect(await handle(report({ eventType: 'Delivery' }))).toMatchObject({ ignored: 1 });
  const broken = { Records: [{ Sns: { Message: '{', Timestamp: '2026-11-22T07:00:00Z' } }] };
  expect(await handle(broken)).toMatchObject({ unreadable: 1 });
  expect(calls).toEqual([]);
});

it('reads a token that it signed', () => {
  expect(readToken(signToken(vote, secret), secret)).toEqual(vote);
  expect(readToken(`${signToken(vote, secret)}.x`, secret)).toBeUndefined();
});
