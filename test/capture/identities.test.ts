import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashPersonId, personHashPattern } from '#core/visitors/person-id.ts';
import { personIdLimit } from '#schemas/catalog-rules.ts';
import { identitiesFile, identitiesOf, identitySecret, idsIn, replayWith } from './identities.ts';
import { startCapture } from './edge.ts';
import { recordingNames } from './recording.ts';

const expected: Record<string, unknown> = JSON.parse(readFileSync(identitiesFile, 'utf8'));

describe.each(recordingNames)('%s', (name) => {
  it('has the identities that the page keeps', async () => {
    expect(await identitiesOf(name)).toEqual(expected[name]);
  });

  it('has no ids, and no identify calls, on a page that keeps none', async () => {
    const { rows } = await replayWith(name, { identities: 'none' });
    expect(rows.length === 0).toBe(silentWithoutSettings.has(name));
    expect(rows.filter((row) => row.consented_id !== null || row.anonymous_id !== null)).toEqual([]);
    expect(rows.filter(({ outcome }) => outcome === 'identify')).toEqual([]);
  });

  it('has neither under GPC and DNT, although its SDK sends them', async () => {
    for (const signal of [{ 'sec-gpc': '1' }, { dnt: '1' }]) {
      const { rows } = await replayWith(name, { identities: 'all' }, signal);
      expect(rows.filter((row) => row.consented_id !== null || row.outcome === 'identify')).toEqual([]);
    }
  });

  it('leaves no id and no trait in what is queued and logged', async () => {
    const { written } = await replayWith(name, { identities: 'all' });
    // `other` and `acme` are also words of properties.
    for (const id of [...idsIn(name)].filter((each) => each.length > 5)) expect(written).not.toContain(`"${id}"`);
    expect(written).not.toContain('@');
  });
});

/** They send no event if the request for their settings fails. */
const silentWithoutSettings = new Set(['rudderstack-js-noconfig', 'segment-next-nosettings']);

const browser = {
  origin: 'https://ada.example',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
  'accept-language': 'de-AT',
};
const at = Date.parse('2026-11-28T12:00:00Z');

function identify(userId: unknown, anonymousId: unknown = 'device-1') {
  return { type: 'identify', messageId: 'm1', userId, anonymousId, traits: { email: 'ada@example.com', name: 'Ada' } };
}

async function post(page: Parameters<typeof startCapture>[0], ...bodies: object[]) {
  const capture = startCapture({ origins: [browser.origin], identitySecret, ...page });
  const body = Buffer.from(JSON.stringify({ batch: bodies }));
  const sent = await capture.send({ method: 'POST', path: '/e/ada/v1/batch', headers: browser, body, at });
  return { ...sent, lines: capture.lines };
}

describe('ids of people', () => {
  it('of two pages have nothing in common, nor have those of two secrets', () => {
    const hashes = [
      { path: '/ada', identitySecret },
      { path: '/bob', identitySecret },
      { path: '/ada', identitySecret: 'd'.repeat(43) },
    ].map((page) => hashPersonId(page, 'ada@example.com'));
    for (const hash of hashes) expect(hash).toMatch(personHashPattern);
    expect(new Set(hashes).size).toBe(3);
  });

  it('are texts and numbers, exactly as they were sent', async () => {
    const { rows } = await post(
      { identities: 'all' },
      ...[7, '7', ' 7', 'ADA', 'ada', '名前', 'x'.repeat(personIdLimit)].map((userId, index) => ({
        type: 'track',
        event: 'x',
        messageId: `m${index}`,
        userId,
      })),
    );
    const [seven, same, ...others] = rows.map(({ consented_id }) => consented_id);
    expect(seven).toBe(same);
    expect(new Set([seven, ...others]).size).toBe(6);
    for (const hash of others) expect(hash).toMatch(personHashPattern);
  });

  it.each([
    '',
    '0',
    'null',
    'undefined',
    'Anonymous',
    'guest',
    '[object Object]',
    '$posthog_cookieless',
    'x'.repeat(personIdLimit + 1),
    null,
    true,
    ['ada'],
    { id: 'ada' },
  ])('are not %j, which many people share or nobody has', async (userId) => {
    const { rows, messages } = await post({ identities: 'all' }, { type: 'track', event: 'x', userId });
    expect(rows).toMatchObject([{ outcome: 'counted', consented_id: null, anonymous_id: null }]);
    expect(messages).toHaveLength(1);
  });

  it('are linked once: an identify call that is sent again has the same id', async () => {
    const first = await post({ identities: 'all' }, identify('ada'));
    const second = await post({ identities: 'all' }, identify('ada'));
    expect(first.rows).toMatchObject([{ event_type: 'custom', outcome: 'identify', outcome_rule: 'identify' }]);
    expect(first.rows[0]?.event_id).toBe(second.rows[0]?.event_id);
    expect(JSON.stringify([first.messages, first.lines])).not.toMatch(/ada@|Ada"|device-1/);
  });

  it.each([
    [{ identities: 'none' as const }, identify('ada')],
    [{ identities: 'identified' as const }, identify('ada')],
    // There is nothing to link.
    [{ identities: 'all' as const }, identify('ada', 'ada')],
    [{ identities: 'all' as const }, identify('ada', null)],
    [{ identities: 'all' as const }, identify('', 'device-1')],
    [{ identities: 'all' as const }, identify('guest', 'device-1')],
  ])('are not linked with %j by %j, which is answered and counted by name', async (page, call) => {
    const { response, messages, lines } = await post(page, call);
    expect(response.statusCode).toBe(200);
    expect(messages).toEqual([]);
    expect(lines).toMatchObject([{ message: 'sdk.calls', sdk: 'segment', dropped: { identify: 1 } }]);
  });

  it('are no longer kept once the page keeps none, also of what waits in the queue', async () => {
    const track = { type: 'track', event: 'x', userId: 'ada', anonymousId: 'device-1' };
    const settings = { identities: 'all' as 'all' | 'identified' | 'none', identitySecret, origins: [browser.origin] };
    const capture = startCapture(settings);
    const request = {
      method: 'POST',
      path: '/e/ada/v1/t',
      headers: browser,
      body: Buffer.from(JSON.stringify(track)),
      at,
    };
    const { messages } = await capture.send(request);
    expect(messages).toMatchObject([{ consentedId: expect.stringMatching(personHashPattern) }]);
    const kept = (['all', 'identified', 'none'] as const).map((identities) => {
      settings.identities = identities;
      const [row] = capture.enrich(messages, at);
      return [row?.consented_id !== null, row?.anonymous_id !== null];
    });
    expect(kept).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
    expect((await capture.send(request)).messages).toMatchObject([{ consentedId: null }]);
  });
});
