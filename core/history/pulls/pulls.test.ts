import { describe, expect, it } from 'vitest';
import type { PullProgress, PullRequest } from '#schemas/history/pull.ts';
import { pullLimits } from '#schemas/history/pull.ts';
import { type ApiAnswer, bitlyApi, dubApi, plausibleApi, shlinkApi, type ToolApi } from '#test/pulls/tool-apis.ts';
import { advance } from './advance.ts';
import { createSource } from './create-source.ts';
import { mostAnswerBytes, mostAttempts, readOutcome } from './outcome.ts';
import { beginProgress, type Entries, type Source } from './source.ts';

const startedAt = Date.parse('2026-11-22T09:00:00Z');

/** Pulls everything as a job does: the progress is JSON in between, and `answer` may change what the API says. */
function pull(source: Source, api: ToolApi, answer: (count: number, said: ApiAnswer) => ApiAnswer = (_, said) => said) {
  const entries: Entries[] = [];
  const urls: string[] = [];
  let progress: PullProgress = beginProgress(source);
  let now = startedAt;
  for (let count = 1; count < 5_000; count++) {
    const { method, url, content = '' } = source.ask(progress.cursor);
    urls.push(url);
    const said = api({ method, url: new URL(url), headers: source.authorize('secret'), body: content });
    const { status, headers = {}, body } = answer(count, said);
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const response = { kind: 'status', status, retryAfter: headers['retry-after'] ?? null, body: bytes } as const;
    const outcome = readOutcome(response, { attempts: progress.attempts + 1, now });
    const step = advance(source, progress, outcome, bytes.length);
    entries.push(...step.entries);
    progress = JSON.parse(JSON.stringify(step.progress));
    if (step.state.kind === 'waiting') now = step.state.until;
    else if (step.state.kind !== 'continue')
      return { state: step.state, progress, entries, urls, waited: now - startedAt };
  }
  throw new Error('the pull does not end');
}

/** What the tests read of the entries of any tool. */
interface Value {
  link: string | null;
  id: string;
  title: string;
  userAgent: string;
  click: { id: string };
  date: string;
  clicks: number;
  table: string;
  value: string | null;
  pageviews: number;
}

function valuesOf(entries: readonly Entries[], kind: Entries['kind']): Value[] {
  return entries
    .filter((each) => each.kind === kind)
    .flatMap(({ link, values }) => values.map((value) => ({ link, ...(value as Omit<Value, 'link'>) })));
}

function bitly(links: number) {
  const all = Array.from({ length: links }, (_, at) => ({
    id: `bit.ly/l${at}`,
    longUrl: `https://shop.example/${at}`,
    days: { '2026-11-01': at, '2026-11-02': 1 },
  }));
  return bitlyApi({ groups: { Bone: all.slice(0, 3), Btwo: all.slice(3), Bempty: [] } }, 'secret');
}

const bitlyRequest: PullRequest = { tool: 'bitly', history: true };

describe('Bitly', () => {
  it.each([0, 1, 3, 103, 104, 203])(
    'pulls each of %i links of all groups once, then the clicks of each day',
    (count) => {
      const { state, entries, progress, urls } = pull(createSource(bitlyRequest, startedAt), bitly(count));
      expect(state).toEqual({ kind: 'done' });
      expect(valuesOf(entries, 'links').map(({ id }) => id)).toEqual(
        Array.from({ length: count }, (_, at) => `bit.ly/l${at}`),
      );
      const days = valuesOf(entries, 'bitly-days');
      // The first link has a day without clicks, which says nothing.
      expect(days).toHaveLength(Math.max(0, count * 2 - 1));
      expect(days.at(0)).toEqual(
        count > 0 ? { link: 'bit.ly/l0', date: '2026-11-02T00:00:00+0000', clicks: 1 } : undefined,
      );
      expect(progress).toMatchObject({ links: count, rows: days.length, requests: urls.length, attempts: 0 });
      const kinds = entries.map(({ kind }) => kind);
      expect(kinds.lastIndexOf('links')).toBeLessThan([...kinds, 'bitly-days'].indexOf('bitly-days'));
    },
  );

  it('asks for archived links and those of before the pull alone, and for all days until its start', () => {
    const { urls } = pull(createSource(bitlyRequest, startedAt), bitly(1));
    expect(urls).toEqual([
      'https://api-ssl.bitly.com/v4/groups',
      ...['Bone', 'Btwo', 'Bempty', 'Bone'].map(
        (group) =>
          `https://api-ssl.bitly.com/v4/groups/${group}/bitlinks?size=100&archived=both&created_before=1795338000`,
      ),
      'https://api-ssl.bitly.com/v4/bitlinks/bit.ly/l0/clicks?unit=day&units=-1&unit_reference=2026-11-22T09%3A00%3A00%2B0000',
      ...['Btwo', 'Bempty'].map(
        (group) =>
          `https://api-ssl.bitly.com/v4/groups/${group}/bitlinks?size=100&archived=both&created_before=1795338000`,
      ),
    ]);
  });

  it('takes one group, or links alone', () => {
    const one = pull(createSource({ tool: 'bitly', history: false, group: 'Btwo' }, startedAt), bitly(5));
    expect(valuesOf(one.entries, 'links').map(({ id }) => id)).toEqual(['bit.ly/l3', 'bit.ly/l4']);
    expect(one.progress.rows).toBe(0);
  });

  it('of no group of the account fails at once, and names those that there are', () => {
    const request: PullRequest = { tool: 'bitly', history: true, group: 'Bthree' };
    const { state, urls } = pull(createSource(request, startedAt), bitly(5));
    expect(urls).toHaveLength(1);
    expect(state).toEqual({
      kind: 'failed',
      reason: '`group` must be one of `Bone` (Bone), `Btwo` (Btwo), `Bempty` (Bempty); got `Bthree`',
    });
    const none = pull(createSource(request, startedAt), bitlyApi({ groups: {} }, 'secret'));
    expect(none.state).toMatchObject({ reason: '`group` must be left out: the account has no groups; got `Bthree`' });
  });

  it.each([
    [20, /`B19` \(B19\); got `Bthree`$/],
    [21, /`B19` \(B19\) and 1 more; got `Bthree`$/],
  ])('names 20 groups of %i at most', (count, expected) => {
    const groups = Object.fromEntries(Array.from({ length: count }, (_, at) => [`B${at}`, []]));
    const source = createSource({ tool: 'bitly', history: true, group: 'Bthree' }, startedAt);
    const { state } = pull(source, bitlyApi({ groups }, 'secret'));
    expect(state).toMatchObject({ kind: 'failed', reason: expect.stringMatching(expected) });
  });

  it('leaves out a link that is deleted meanwhile, and says so', () => {
    const { state, progress } = pull(createSource(bitlyRequest, startedAt), bitly(2), (_, said) =>
      JSON.stringify(said.body).includes('link_clicks') ? { status: 404, body: { message: 'NOT_FOUND' } } : said,
    );
    expect(state).toEqual({ kind: 'done' });
    expect(progress.notes).toEqual([{ text: 'links deleted in Bitly during the pull', count: 2 }]);
  });

  it('reads titles with control characters, which are no JSON', () => {
    const { entries } = pull(createSource(bitlyRequest, startedAt), bitly(1), (_, said) => ({
      ...said,
      body: JSON.stringify(said.body).replace('"title":""', '"title":"a\u0001b\nc"'),
    }));
    expect(valuesOf(entries, 'links')[0]?.title).toBe('a b c');
  });
});

describe('Shlink', () => {
  const request: PullRequest = { tool: 'shlink', server: 'https://s.example/', history: true };

  function shlink(visits: number) {
    const made = Array.from({ length: visits }, (_, at) => ({
      date: new Date(Date.parse('2026-11-01T00:00:00Z') + at * 1000).toISOString(),
      userAgent: `agent ${at}`,
      country: 'US',
    }));
    const later = { date: '2026-11-22T09:00:01Z', userAgent: 'after the start' };
    const links = [
      { shortCode: 'abc', longUrl: 'https://shop.example/a', visits: [...made, later], hasRedirectRules: true },
      {
        shortCode: 'abc',
        longUrl: 'https://shop.example/b',
        domain: 'go.example',
        visits: [{ ...later, date: '2020-01-01T00:00:00+02:00' }],
      },
      { shortCode: 'none', longUrl: 'https://shop.example/c', visits: [] },
    ];
    return shlinkApi({ links, orphans: 37 }, 'secret');
  }

  it.each([0, 999, 1_000, 1_001, 2_500])(
    'pulls each of %i visits of a short URL once, and none after the start',
    (count) => {
      const { state, entries, progress } = pull(createSource(request, startedAt), shlink(count));
      expect(state).toEqual({ kind: 'done' });
      const visits = valuesOf(entries, 'shlink-visits');
      expect(visits.filter(({ link }) => link === 's.example/abc').map(({ userAgent }) => userAgent)).toEqual(
        Array.from({ length: count }, (_, at) => `agent ${count - 1 - at}`),
      );
      expect(visits.filter(({ link }) => link === 'go.example/abc')).toHaveLength(1);
      expect(progress.links).toBe(3);
      expect(progress.notes).toEqual([
        { text: 'orphan visits: they belong to no short URL', count: 37 },
        { text: 'short URLs with redirect rules: the rules are not imported', count: 1 },
      ]);
    },
  );

  it('asks for no visits of short URLs without any', () => {
    const { urls } = pull(createSource(request, startedAt), shlink(1));
    expect(urls.filter((url) => url.includes('/none/'))).toEqual([]);
  });

  it('pulls with a key that may not see the totals', () => {
    const { state } = pull(createSource(request, startedAt), shlink(1), (count, said) =>
      count === 1 ? { status: 403, body: { type: 'https://shlink.io/api/error/forbidden' } } : said,
    );
    expect(state).toEqual({ kind: 'done' });
  });
});

describe('Dub', () => {
  const request: PullRequest = { tool: 'dub', history: true };

  function data(clicks: number, links = 2) {
    const made = Array.from({ length: clicks }, (_, at) => ({
      id: `c${at}`,
      timestamp: new Date(Date.parse('2026-01-01T00:00:00Z') + at * 3_600_000).toISOString(),
    }));
    return Array.from({ length: links }, (_, at) => ({
      id: `link_${at}`,
      key: `k${at}`,
      url: `https://shop.example/${at}`,
      createdAt: '2025-12-31T10:00:00.000Z',
      clicks: at === 0 ? made : [],
      password: 'open sesame',
    }));
  }

  it.each([0, 1, 999, 1_000, 5_000])('pulls each of %i clicks once, if the plan has them', (count) => {
    const api = dubApi({ links: data(count), hasEvents: true }, 'secret');
    const { state, entries } = pull(createSource(request, startedAt), api);
    expect(state).toEqual({ kind: 'done' });
    const events = valuesOf(entries, 'dub-events');
    expect(events.map(({ click }) => click.id)).toEqual(Array.from({ length: count }, (_, at) => `c${at}`));
    expect(JSON.stringify(entries)).not.toContain('203.0.113.7');
  });

  it.each([
    ['as much as it asks for', 36_500],
    ['31 days at a time', 31],
  ])('pulls days without that plan: %s', (_, mostDays) => {
    const api = dubApi({ links: data(5_000), hasEvents: false, mostDays }, 'secret');
    const { state, entries, progress } = pull(createSource(request, startedAt), api);
    expect(state).toEqual({ kind: 'done' });
    const days = valuesOf(entries, 'dub-days');
    expect(days.reduce((sum, { clicks }) => sum + clicks, 0)).toBe(5_000);
    expect(new Set(days.map(({ date }) => date)).size).toBe(days.length);
    expect(days[0]).toEqual({ link: 'dub.sh/k0', date: '2026-01-01', clicks: 24 });
    expect(progress.notes).toEqual([
      { text: 'plan without single clicks: clicks of a day are imported instead', count: 1 },
    ]);
  });

  it('ends without analytics in the plan, after all links', () => {
    const api = dubApi({ links: data(3), hasEvents: false, mostDays: 0 }, 'secret');
    const { state, progress } = pull(createSource(request, startedAt), api);
    expect(state).toMatchObject({ kind: 'paused', isTokenRefused: true });
    expect(state).toHaveProperty('reason', expect.stringContaining('`analytics.read`'));
    expect(progress).toMatchObject({ links: 2, rows: 0 });
  });

  it.each([99, 100, 101, 200])('pulls each of %i links once', (count) => {
    const { entries } = pull(
      createSource(request, startedAt),
      dubApi({ links: data(0, count), hasEvents: true }, 'secret'),
    );
    expect(new Set(valuesOf(entries, 'links').map(({ id }) => id)).size).toBe(count);
    expect(valuesOf(entries, 'links')).toHaveLength(count);
  });

  it('keeps no password, only that there is one', () => {
    const { entries } = pull(createSource(request, startedAt), dubApi({ links: data(1), hasEvents: true }, 'secret'));
    expect(JSON.stringify(entries)).not.toContain('sesame');
    expect(valuesOf(entries, 'links')[0]).toMatchObject({ password: true });
  });
});

describe('Plausible', () => {
  const request: PullRequest = { tool: 'plausible', server: 'https://plausible.example', site: 'shop.example' };

  function views(count: number) {
    return Array.from({ length: count }, (_, at) => ({
      date: new Date(Date.parse('2026-08-01') + (at % 112) * 86_400_000).toISOString().slice(0, 10),
      page: `/${at}`,
      country: 'AT',
    }));
  }

  it.each([0, 1, 4_999, 30_000])('pulls %i page views by day, and by one dimension at a time', (count) => {
    const api = plausibleApi({ site: 'shop.example', views: views(count) }, 'secret');
    const { state, entries } = pull(createSource(request, startedAt), api);
    expect(state).toEqual({ kind: 'done' });
    const days = valuesOf(entries, 'plausible-days');
    // The last day is the one before the pull, wherever the site is.
    const expected = views(count).filter(({ date }) => date <= '2026-11-20').length;
    for (const table of ['days', 'page', 'source', 'country', 'device', 'browser', 'os'])
      expect(days.filter((day) => day.table === table).reduce((sum, { pageviews }) => sum + pageviews, 0)).toBe(
        expected,
      );
    expect(days.filter(({ table, value }) => table === 'country' && value !== 'AT')).toEqual([]);
  });

  it('says which site or key is wrong', () => {
    const api = plausibleApi({ site: 'other.example', views: [] }, 'secret');
    const { state } = pull(createSource(request, startedAt), api);
    expect(state).toMatchObject({ kind: 'paused', isTokenRefused: true, reason: expect.stringContaining('Stats API') });
  });
});

describe('an API that does not answer as it should', () => {
  const source = createSource(bitlyRequest, startedAt);

  it.each([
    ['seconds', '3', 3_000],
    ['a date', 'Sun, 22 Nov 2026 09:00:05 GMT', 5_000],
    ['milliseconds since the epoch, as Dub writes them', String(startedAt + 7_000), 7_000],
    ['nothing', '', 2_000],
    ['a moment that has passed', 'Sun, 22 Nov 2020 09:00:05 GMT', 2_000],
    ['a year', '31536000', 7_200_000],
  ])('is asked again when it says: %s', (_, retryAfter, waited) => {
    const answered = pull(source, bitly(3), (count, said) =>
      count === 3
        ? { status: 429, headers: { 'retry-after': retryAfter }, body: { message: 'RATE_LIMIT_EXCEEDED' } }
        : said,
    );
    expect(answered).toMatchObject({ state: { kind: 'done' }, waited });
  });

  it.each([
    ['HTTP 500', { status: 500, body: 'oops' }],
    ['HTTP 503', { status: 503, body: '' }],
    ['a page of a proxy', { status: 200, body: '<html>' }],
    ['403 with a rate limit', { status: 403, body: { message: 'RATE_LIMIT_EXCEEDED' } }],
  ])('changes nothing in the result: %s', (_, broken) => {
    const plain = pull(source, bitly(120));
    const hit = pull(source, bitly(120), (count, said) => (count % 3 === 0 ? broken : said));
    expect(hit.entries).toEqual(plain.entries);
    expect(hit.progress).toMatchObject({ links: plain.progress.links, rows: plain.progress.rows });
  });

  it('is asked a bounded number of times, then the pull is paused', () => {
    const { state, urls, waited } = pull(source, bitly(1), () => ({ status: 502, body: '' }));
    expect(urls).toHaveLength(mostAttempts);
    expect(state).toEqual({
      kind: 'paused',
      reason: `the groups: returned HTTP 502, ${mostAttempts} times`,
      isTokenRefused: false,
    });
    expect(waited).toBeLessThan(3 * 3_600_000);
  });

  it('is asked for 14 hours at most, whatever wait it asks for', () => {
    const limited = { status: 429, headers: { 'retry-after': '86400' }, body: {} };
    const { state, urls, waited } = pull(source, bitly(1), () => limited);
    expect(urls).toHaveLength(mostAttempts);
    expect(state).toMatchObject({ kind: 'paused', reason: 'the groups: limits the rate of requests, 8 times' });
    expect(waited).toBe(14 * 3_600_000);
  });

  it('goes on from a pause with what it had', () => {
    const refused = { status: 401, body: {} };
    const { entries, progress, state } = pull(source, bitly(150), (count, said) => (count > 40 ? refused : said));
    expect(state).toMatchObject({ kind: 'paused', isTokenRefused: true });
    let rest = progress;
    const all = [...entries];
    for (;;) {
      const { method, url } = source.ask(rest.cursor);
      const { status, body } = bitly(150)({ method, url: new URL(url), headers: source.authorize('secret'), body: '' });
      const response = { kind: 'status', status, retryAfter: null, body: Buffer.from(JSON.stringify(body)) } as const;
      const step = advance(source, rest, readOutcome(response, { attempts: 1, now: startedAt }), 0);
      all.push(...step.entries);
      rest = step.progress;
      if (step.state.kind === 'done') break;
    }
    expect(all).toEqual(pull(source, bitly(150)).entries);
  });

  it.each([
    [
      'a redirect',
      { status: 302, body: '' },
      'the groups: redirects (HTTP 302); give the address that it redirects to',
    ],
    [
      'the quota of the month',
      { status: 429, body: { message: 'MONTHLY_RATE_LIMIT_EXCEEDED' } },
      'the groups: the requests of this month are used up; resume on the first of the next month',
    ],
    ['another shape', { status: 200, body: { groups: 'none' } }, 'the groups: `groups` is not as documented'],
    [
      'a wrong request',
      { status: 422, body: { error: { code: 'unprocessable_entity', message: 'secret' } } },
      'the groups: returned HTTP 422 (unprocessable_entity)',
    ],
    [
      'an error that is a sentence',
      { status: 400, body: { message: 'see http://evil.example' } },
      'the groups: returned HTTP 400',
    ],
    ['nothing there', { status: 404, body: '' }, 'the groups: not found; check the address and the names'],
  ])('pauses at once: %s', (_, broken, reason) => {
    const { state, urls } = pull(source, bitly(1), () => broken);
    expect(urls).toHaveLength(1);
    expect(state).toEqual({ kind: 'paused', reason, isTokenRefused: false });
  });

  it('may be as large as the limit, and no larger', () => {
    const body = Buffer.alloc(mostAnswerBytes + 1, ' ');
    body.write('{}');
    const attempt = { attempts: 1, now: startedAt };
    const response = { kind: 'status', status: 200, retryAfter: null } as const;
    expect(readOutcome({ ...response, body: body.subarray(0, -1) }, attempt)).toEqual({ kind: 'answer', body: {} });
    expect(readOutcome({ ...response, body }, attempt)).toEqual({
      kind: 'pause',
      reason: 'answered with more than 20 MB',
    });
  });

  it('may be nested deeply, which is no answer', () => {
    const body = Buffer.from('['.repeat(50_000) + ']'.repeat(50_000));
    const outcome = readOutcome(
      { kind: 'status', status: 200, retryAfter: null, body },
      { attempts: 1, now: startedAt },
    );
    expect(outcome).toMatchObject({ kind: 'wait', reason: 'did not answer with JSON' });
  });

  it('that names itself as the next page pauses the pull, and is kept once', () => {
    const page = { links: [{ id: 'bit.ly/a' }], pagination: { search_after: 'same' } };
    const { state, entries, urls } = pull(
      createSource({ tool: 'bitly', group: 'Bone', history: true }, startedAt),
      (request) => (request.url.pathname === '/v4/groups' ? bitly(1)(request) : { status: 200, body: page }),
    );
    expect(state).toMatchObject({
      kind: 'paused',
      reason: 'the links of the group Bone: the answer says that it goes on with the same page again',
    });
    expect(urls).toHaveLength(3);
    expect(valuesOf(entries, 'links')).toHaveLength(1);
  });

  it('cannot keep a pull going for ever', () => {
    const progress = { ...beginProgress(source), requests: pullLimits.requests - 1 };
    const outcome = { kind: 'answer', body: { groups: [{ guid: 'a' }] } } as const;
    expect(advance(source, progress, outcome, 1).state).toMatchObject({ kind: 'paused' });
    expect(advance(source, { ...progress, requests: progress.requests - 1 }, outcome, 1).state).toEqual({
      kind: 'continue',
    });
    const bytes = { ...beginProgress(source), bytes: pullLimits.bytes - 1 };
    expect(advance(source, bytes, outcome, 1).state).toMatchObject({ kind: 'paused' });
    expect(advance(source, bytes, outcome, 0).state).toEqual({ kind: 'continue' });
  });
});

describe('the address of a server', () => {
  const request: PullRequest = { tool: 'shlink', server: 'https://s.example', history: true };
  const api = shlinkApi({ links: [], orphans: 0 }, 'secret');
  const refused =
    '`server` must be the https address of an instance of Shlink, such as https://s.example, without `/rest` and what follows; got `https://s.example`: ';

  it.each<[string, ApiAnswer, string]>([
    ['HTML', { status: 200, body: '<!doctype html>' }, 'did not answer with JSON'],
    ['404', { status: 404, body: '<!doctype html>' }, 'its API was not found there'],
    ['410', { status: 410, body: '' }, 'its API was not found there'],
    ['a redirect', { status: 301, body: '' }, 'redirects (HTTP 301); give the address that it redirects to'],
    ['a proxy without a server', { status: 502, body: '' }, 'returned HTTP 502'],
    ['another API', { status: 200, body: [] }, 'the number of visits: the answer is not as documented'],
  ])('that answers the first request with %s fails at once', (_, answer, why) => {
    const { state, urls } = pull(createSource(request, startedAt), api, () => answer);
    expect(urls).toHaveLength(1);
    expect(state).toEqual({ kind: 'failed', reason: refused + why });
  });

  it('of Plausible is named in the same way', () => {
    const server = 'https://plausible.exmaple';
    const source = createSource({ tool: 'plausible', server, site: 'shop.example' }, startedAt);
    expect(pull(source, () => ({ status: 404, body: '' })).state).toEqual({
      kind: 'failed',
      reason:
        '`server` must be the https address of an instance of Plausible, such as https://plausible.io, without `/api` and what follows; got `https://plausible.exmaple`: its API was not found there',
    });
  });

  it('that limits the first request, or refuses the token, is the right one', () => {
    const limited = { status: 429, headers: { 'retry-after': '60' }, body: {} };
    const source = createSource(request, startedAt);
    expect(pull(source, api, (count, said) => (count === 1 ? limited : said)).state).toEqual({ kind: 'done' });
    expect(pull(source, shlinkApi({ links: [], orphans: 0 }, 'another')).state).toEqual({
      kind: 'paused',
      reason:
        'the number of visits: `token` must be an API key of the instance (`shlink api-key:generate`) that has not expired; the one given was refused (HTTP 401)',
      isTokenRefused: true,
    });
  });

  it.each([
    ['HTML', { status: 200, body: '<!doctype html>' }],
    ['404', { status: 404, body: '' }],
    ['503', { status: 503, body: '' }],
  ])('that has answered before is asked again, or the pull is paused: %s', (_, broken) => {
    const { state } = pull(createSource(request, startedAt), api, (count, said) => (count > 1 ? broken : said));
    expect(state).toMatchObject({ kind: 'paused', isTokenRefused: false });
    const once = pull(createSource(request, startedAt), api, (count, said) =>
      count === 2 && broken.status !== 404 ? broken : said,
    );
    expect(once.state).toEqual({ kind: 'done' });
  });
});
