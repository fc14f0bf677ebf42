import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerLimits } from '#functions/api/limits.ts';
import { campaignLimits, campaignSchema, campaignsSchema } from '#schemas/api/insights/campaigns.ts';
import { linkViewSchema } from '#schemas/api/links.ts';
import { createCampaigns } from '#stores/catalog/campaigns.ts';
import { createPageTraces } from '#stores/catalog/page-traces.ts';
import { startWorld, type World } from './world.ts';

/** Page /ada belongs to agency north, page /zoe to agency west. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function send(as: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await world.ask(as, path, { method, body, headers });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown), text, answer };
}

const dates = { name: 'Launch', from: '2026-11-01', to: '2026-11-30' };
let labels = 0;
function newLabel(): string {
  return `label-${labels++}`;
}

async function create(as: string, body: object) {
  const { status, body: created, text } = await send(as, 'post', 'campaigns', { ...dates, label: newLabel(), ...body });
  expect(status, text).toBe(201);
  return campaignSchema.parse(created);
}

async function list(as: string, query: string) {
  return campaignsSchema.parse((await send(as, 'get', `campaigns?${query}`)).body).rows;
}

describe('a campaign', () => {
  it('is created, read, replaced and deleted', async () => {
    const label = newLabel();
    const body = {
      page: '/ada',
      ...dates,
      label,
      utm: { utm_source: 'mail' },
      budget: { minor: 50_000, currency: 'EUR' },
      goal: { of: 'clicks', target: 1_000 },
      metric: null,
      note: 'First line\nsecond line',
    };
    const created = await create('ada', body);
    expect(created).toMatchObject({ ...body, agency: null, partial: false });
    const { page: _page, ...change } = { ...body, name: 'Relaunch', budget: null, to: '2026-12-05' };
    const changed = await send('nora', 'put', `campaigns/${created.id}`, change);
    expect(changed).toMatchObject({ status: 200, body: { ...change, page: '/ada', id: created.id } });
    expect((await send('root', 'get', `campaigns/${created.id}`)).body).toEqual(changed.body);
    expect((await send('ada', 'delete', `campaigns/${created.id}`)).status).toBe(204);
    expect((await send('ada', 'get', `campaigns/${created.id}`)).status).toBe(404);
    expect((await send('ada', 'put', `campaigns/${created.id}`, change)).status).toBe(404);
    expect((await send('ada', 'delete', `campaigns/${created.id}`)).status).toBe(404);
  });

  it('is not overwritten by a change of an older version', async () => {
    const { id, label } = await create('ada', { page: '/ada' });
    const etag = (await send('ada', 'get', `campaigns/${id}`)).answer.headers.get('etag') ?? '';
    const change = { ...dates, label };
    const first = await send('ada', 'put', `campaigns/${id}`, { ...change, name: 'One' }, { 'if-match': etag });
    expect(first.status).toBe(200);
    const second = await send('nora', 'put', `campaigns/${id}`, { ...change, name: 'Two' }, { 'if-match': etag });
    expect(second.status).toBe(412);
    const again = first.answer.headers.get('etag') ?? '';
    expect((await send('nora', 'put', `campaigns/${id}`, change, { 'if-match': again })).status).toBe(200);
  });

  it('of an agency has no metric, which belongs to a page', async () => {
    const body = { ...dates, name: 'x', agency: 'north', label: newLabel(), metric: 'm1' };
    expect(await send('nora', 'post', 'campaigns', body)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'metric', value: 'm1' }] },
    });
  });

  it.each([
    ['name', { name: ' ' }],
    ['name', { name: 'x'.repeat(campaignLimits.name + 1) }],
    ['label', { label: '' }],
    ['label', { label: 'x'.repeat(campaignLimits.label + 1) }],
    ['from', { from: '2026-02-30' }],
    ['to', { to: '2026-10-31' }],
    ['to', { from: '2026-01-01', to: '2027-01-02' }],
    ['utm.UTM', { utm: { UTM: 'x' } }],
    ['budget.minor', { budget: { minor: -1, currency: 'EUR' } }],
    ['budget.minor', { budget: { minor: 0.5, currency: 'EUR' } }],
    ['budget.currency', { budget: { minor: 1, currency: 'euro' } }],
    ['budget.currency', { budget: { minor: 1, currency: 'XXX' } }],
    ['goal.of', { goal: { of: 'views', target: 1 } }],
    ['goal.target', { goal: { of: 'clicks', target: 0 } }],
    ['note', { note: 'x'.repeat(campaignLimits.note + 1) }],
    ['note', { note: 'a\u0007' }],
    ['page', { agency: 'north' }],
    ['secret', { secret: 1 }],
  ])('with a wrong %s is refused: %j', async (field, wrong) => {
    const body = { page: '/ada', ...dates, label: newLabel(), ...wrong };
    expect(await send('ada', 'post', 'campaigns', body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('may have the longest texts and the most days', async () => {
    const name = '😀'.repeat(campaignLimits.name / 2);
    const longest = { from: '2026-01-01', to: '2027-01-01', note: 'ü'.repeat(campaignLimits.note), name };
    const label = 'é'.repeat(campaignLimits.label);
    expect(await create('ada', { page: '/ada', ...longest, label })).toMatchObject({ ...longest, label });
    expect(await create('ada', { page: '/ada', from: '2026-11-01', to: '2026-11-01' })).toMatchObject({
      from: '2026-11-01',
    });
  });

  it('has a label of its own on its page, and may have that of another page', async () => {
    const { label, id } = await create('ada', { page: '/ada', name: 'First' });
    const again = { page: '/ada', ...dates, label };
    expect(await send('nora', 'post', 'campaigns', again)).toMatchObject({
      status: 409,
      body: { errors: [{ field: 'label', value: label }] },
    });
    const other = await create('ada', { page: '/ada' });
    const { page: _page, ...taken } = again;
    expect((await send('ada', 'put', `campaigns/${other.id}`, taken)).status).toBe(409);
    expect((await send('ada', 'put', `campaigns/${id}`, taken)).status).toBe(200);
    await create('root', { page: '/zoe', label });
    await create('nora', { agency: 'north', label });
  });

  it('is one of a limited number of an owner', async () => {
    const campaigns = createCampaigns({ client: world.db.client, table: world.db.tables.catalog });
    const stored = (await campaigns.list('/zoe')).length;
    const instant = '2026-11-22T07:30:00Z';
    for (let at = stored; at < ownerLimits.campaignsOfOwner - 1; at++)
      await campaigns.create({
        id: String(at).padStart(26, '0'),
        page: '/zoe',
        agency: null,
        ...dates,
        label: newLabel(),
        utm: {},
        budget: null,
        goal: null,
        metric: null,
        note: '',
        public: false,
        createdAt: instant,
        updatedAt: instant,
      });
    await create('root', { page: '/zoe' });
    const more = { page: '/zoe', ...dates, label: newLabel() };
    expect(await send('root', 'post', 'campaigns', more)).toMatchObject({
      status: 409,
      body: { detail: 'There can be at most 200 campaigns. Remove one first.' },
    });
    expect(await list('root', 'page=/zoe')).toHaveLength(ownerLimits.campaignsOfOwner);
    const traces = createPageTraces({ client: world.db.client, table: world.db.tables.catalog });
    expect(await traces.erase('/zoe')).toMatchObject({ campaigns: ownerLimits.campaignsOfOwner });
    expect(await list('root', 'page=/zoe')).toEqual([]);
  });
});

describe('the list of campaigns', () => {
  it('of a page has its own and those of its agency, the last ones first', async () => {
    const early = await create('ada', { page: '/ada', from: '2026-03-01', to: '2026-03-02' });
    const late = await create('nora', { agency: 'north', from: '2027-01-01', to: '2027-01-02' });
    const ids = (await list('ada', 'page=/ada')).map(({ id }) => id);
    expect(ids[0]).toBe(late.id);
    expect(ids).toContain(early.id);
    const ofAgency = (await list('nora', 'agency=north')).map(({ page, agency }) => [page, agency]);
    expect(new Set(ofAgency.map(String))).toEqual(new Set([',north']));
    expect((await list('nora', 'agency=north')).map(({ id }) => id)).toContain(late.id);
  });

  it('needs a page or an agency', async () => {
    expect((await send('root', 'get', 'campaigns')).status).toBe(400);
    expect((await send('root', 'get', 'campaigns?page=/ada&agency=north')).status).toBe(400);
  });
});

describe('who sees no page of a campaign', () => {
  const change = { ...dates, label: 'taken-over' };

  it('gets the same 404 as for one that does not exist', async () => {
    const own = await create('ada', { page: '/ada' });
    const shared = await create('nora', { agency: 'north' });
    for (const as of ['bob', 'sam'])
      for (const { id } of [own, shared]) {
        const missing = await send(as, 'get', 'campaigns/unknown');
        expect(missing.status).toBe(404);
        expect((await send(as, 'get', `campaigns/${id}`)).text).toBe(missing.text);
        expect((await send(as, 'put', `campaigns/${id}`, change)).text).toBe(missing.text);
        expect((await send(as, 'delete', `campaigns/${id}`)).text).toBe(missing.text);
      }
    for (const as of ['bob', 'sam']) {
      expect((await send(as, 'get', 'campaigns?page=/ada')).status).toBe(404);
      expect((await send(as, 'get', 'campaigns?agency=north')).status).toBe(404);
      expect((await send(as, 'post', 'campaigns', { page: '/ada', ...change })).status).toBe(404);
      expect((await send(as, 'post', 'campaigns', { agency: 'north', ...change })).status).toBe(404);
    }
    expect((await send('eve', 'get', `campaigns/${own.id}`)).status).toBe(403);
    expect((await send('ada', 'get', `campaigns/${own.id}`)).body).toEqual(own);
  });

  it('cannot move one to another owner', async () => {
    const { id, label } = await create('ada', { page: '/ada' });
    const moved = { ...dates, label, page: '/zoe' };
    expect(await send('ada', 'put', `campaigns/${id}`, moved)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'page' }] },
    });
  });
});

describe('a creator of an agency', () => {
  it("sees the agency's campaign of their page without budget, goal and note, and cannot change it", async () => {
    const whole = await create('nora', {
      agency: 'north',
      budget: { minor: 1, currency: 'JPY' },
      goal: { of: 'conversions', target: 3 },
      note: 'for the agency only',
    });
    const seen = await send('ada', 'get', `campaigns/${whole.id}`);
    expect(seen.body).toEqual({ ...whole, budget: null, goal: null, note: '', partial: true });
    const { rows } = campaignsSchema.parse((await send('ada', 'get', 'campaigns?page=/ada')).body);
    expect(rows.find(({ id }) => id === whole.id)).toEqual(seen.body);
    const change = { ...dates, label: whole.label };
    expect((await send('ada', 'put', `campaigns/${whole.id}`, change)).status).toBe(403);
    expect((await send('ada', 'delete', `campaigns/${whole.id}`)).status).toBe(403);
    expect((await send('ada', 'get', 'campaigns?agency=north')).status).toBe(404);
    expect((await send('ada', 'post', 'campaigns', { agency: 'north', ...change })).status).toBe(404);
  });
});

describe('a new link', () => {
  async function addLink(body: object) {
    const { status, body: link, text } = await send('ada', 'post', 'links', { url: 'https://shop.example/', ...body });
    expect(status, text).toBe(201);
    return linkViewSchema.parse(link);
  }

  it("gets the UTM defaults of its campaign; its own and the page's come first", async () => {
    const label = newLabel();
    await create('nora', { agency: 'north', label, utm: { utm_source: 'agency', utm_term: 'x' } });
    expect(await addLink({ page: '/ada', campaign: label })).toMatchObject({
      utm: { utm_source: 'agency', utm_term: 'x' },
    });
    await create('ada', { page: '/ada', label, utm: { utm_source: 'page', utm_medium: 'mail' } });
    const link = await addLink({ page: '/ada', campaign: label, utm: { utm_medium: 'bio' } });
    expect(link.utm).toEqual({ utm_source: 'page', utm_medium: 'bio' });
    expect((await addLink({ page: '/ada', campaign: 'none' })).utm).toEqual({});
    expect((await addLink({ page: '/ada' })).utm).toEqual({});
  });

  it('gets them from an import, too, unless it replaces a link', async () => {
    const label = newLabel();
    await create('nora', { agency: 'north', label, utm: { utm_source: 'agency', utm_term: 'x' } });
    const codes = ['one', 'two', 'old'].map((name) => `${label}-${name}`);
    await addLink({ page: '/ada', code: codes[2] });
    const csv = [
      'code,url,campaign,utm_source',
      `${codes[0]},https://shop.example/a,${label.toUpperCase()},`,
      `${codes[1]},https://shop.example/b,${label},file`,
      `${codes[2]},https://shop.example/c,${label},`,
    ].join('\n');
    const result = await send('ada', 'post', 'imports', { csv, page: '/ada', replace: true });
    expect(result).toMatchObject({ status: 201, body: { written: 3, refused: [] } });
    const links = await Promise.all(codes.map((code) => send('ada', 'get', `links/${code}`)));
    expect(links.map(({ body }) => linkViewSchema.parse(body)).map(({ campaign, utm }) => [campaign, utm])).toEqual([
      [label, { utm_source: 'agency', utm_term: 'x' }],
      [label, { utm_source: 'file', utm_term: 'x' }],
      [label, {}],
    ]);
  });

  it('of an import is refused if its parameters and those of its campaign do not fit together', async () => {
    const label = newLabel();
    const utm = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, 'z'.repeat(200)]));
    await create('ada', { page: '/ada', label, utm });
    const csv = `code,url,campaign,utm_source,utm_term\n${label}-full,https://shop.example/,${label},${'x'.repeat(200)},${'y'.repeat(200)}`;
    const result = await send('ada', 'post', 'imports', { csv, page: '/ada' });
    expect(result).toMatchObject({ status: 201, body: { written: 0, refused: [{ line: 2, field: 'utm' }] } });
  });

  it('has its label as all of its campaign have, however it is typed', async () => {
    const label = newLabel();
    const { id } = await create('ada', { page: '/ada', label: `  ${label.toUpperCase()} ` });
    expect(await send('ada', 'get', `campaigns/${id}`)).toMatchObject({ body: { label } });
    expect(await addLink({ page: '/ada', campaign: ` ${label.toUpperCase()}` })).toMatchObject({ campaign: label });
    const body = { ...dates, name: 'x', page: '/ada', label: label.toUpperCase() };
    expect(await send('ada', 'post', 'campaigns', body)).toMatchObject({ status: 409 });
    expect(await send('ada', 'post', 'campaigns', { ...body, label: '  ' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'label' }] },
    });
    const listed = await send('ada', 'get', `links?page=/ada&campaign=${label.toUpperCase()}`);
    expect(listed).toMatchObject({ status: 200, body: { rows: [{ campaign: label }] } });
    expect((await send('ada', 'get', `campaigns/${label.toUpperCase()}/metrics`)).status).toBe(200);
  });

  it("gets none of another owner's campaign with the label", async () => {
    const label = newLabel();
    await create('root', { page: '/zoe', label, utm: { utm_source: 'zoe' } });
    expect((await addLink({ page: '/ada', campaign: label })).utm).toEqual({});
  });

  it('has defaults and own parameters that fit together', async () => {
    const label = newLabel();
    await create('ada', { page: '/ada', label, utm: { utm_source: 'x'.repeat(200), utm_term: 'y'.repeat(200) } });
    const utm = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, 'z'.repeat(200)]));
    const body = { page: '/ada', url: 'https://shop.example/', campaign: label, utm };
    expect(await send('ada', 'post', 'links', body)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'utm' }] },
    });
  });
});
