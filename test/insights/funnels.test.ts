import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemSchema } from '#schemas/api.ts';
import { createdShareSchema } from '#schemas/api/shares.ts';
import {
  type FunnelReport,
  funnelReportSchema,
  funnelSchema,
  funnelsSchema,
  type NewFunnel,
} from '#schemas/api/insights/funnels.ts';
import type { EventRow } from '#schemas/event.ts';
import { fc } from '#test/property.ts';
import { naiveFunnel } from './naive-funnel.ts';
import { type InsightsWorld, seen, startInsightsWorld } from './world.ts';

const pages = [
  '/vector',
  '/visits',
  '/people',
  '/tries',
  '/linked',
  '/edges',
  '/values',
  '/unused',
  '/random',
  '/saved',
  '/walks',
  '/busy',
];

let world: InsightsWorld;

interface Step {
  name: 'A' | 'B' | 'C';
  minute: number;
  unit: number;
  bot: boolean;
}

const step = fc.record<Step>({
  name: fc.constantFrom('A', 'B', 'C'),
  minute: fc.integer({ min: 0, max: 14 }),
  unit: fc.integer({ min: 0, max: 7 }),
  bot: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
});
const randomRows = fc
  .sample(fc.array(step, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 7 })
  .flat()
  .map(toRow);

/** Days apart for people, minutes within a visit of the day. */
function toRow({ name, minute, unit, bot }: Step): EventRow {
  const day = String(5 + unit).padStart(2, '0');
  return custom('/random', `random-${unit}`, `2026-11-${day}T10:${String(minute).padStart(2, '0')}:00Z`, name, {
    visitor_id: BigInt(unit + 10),
    ...(bot && { outcome: 'bot', outcome_rule: 'bot.user-agent' }),
  });
}

const walk = fc.record({
  name: fc.constantFrom('A', 'B', 'C'),
  day: fc.integer({ min: 3, max: 8 }),
  /** Several at the same minute. */
  minute: fc.integer({ min: 0, max: 5 }).map((step) => step * 11),
  person: fc.integer({ min: 0, max: 39 }),
});
/** People whose steps are hours and days apart. */
const walkRows = fc
  .sample(fc.array(walk, { minLength: 400, maxLength: 400 }), { numRuns: 1, seed: 11 })
  .flat()
  .map(({ name, day, minute, person }) =>
    custom('/walks', `walker-${person}`, `2026-11-0${day}T09:${String(minute).padStart(2, '0')}:00Z`, name),
  );

/** One person with thousands of first steps, and the second at the very end. */
const busySteps = 1_500;
function busyRows(): EventRow[] {
  const start = Date.parse('2026-11-10T06:00:00Z');
  return Array.from({ length: busySteps + 1 }, (_, at) =>
    ['p1', 'p2', 'p3', 'p4', 'p5'].map((person) =>
      custom('/busy', person, new Date(start + at * 2_000).toISOString(), at === busySteps ? 'B' : 'A'),
    ),
  ).flat();
}

function custom(
  page: string,
  person: string | null,
  at: string,
  name: string,
  changes: Partial<EventRow> = {},
): EventRow {
  return seen(page, person, at, { event_type: 'custom', event_name: name, ...changes });
}

/** Events of one visit, a minute apart. */
function visit(page: string, visitor: bigint, names: string, changes: Partial<EventRow> = {}, hour = '10'): EventRow[] {
  return Array.from(names).map((name, at) =>
    custom(page, null, `2026-11-20T${hour}:${String(at).padStart(2, '0')}:00Z`, name, {
      visitor_id: visitor,
      ...changes,
    }),
  );
}

beforeAll(async () => {
  world = await startInsightsWorld(pages);
  await world.addPage('/off', {});
  await world.settled.write([
    ...visit('/vector', 1n, 'ABAC'),
    ...visit('/vector', 2n, 'ACB'),
    ...visit('/vector', 3n, 'XX'),
    ...visit('/vector', 4n, 'X'),
    ...visitRows(),
    ...peopleRows(),
    ...triesRows(),
    ...linkedRows(),
    ...edgeRows(),
    ...valueRows(),
    seen('/unused', null, '2026-11-20'),
    ...randomRows,
    ...walkRows,
    ...busyRows(),
  ]);
  await world.settleAt();
}, 300_000);
afterAll(() => world.stop());

async function create(page: string, funnel: NewFunnel): Promise<string> {
  const response = await world.askAs('creator', `pages${page}/funnels`, { method: 'POST', body: funnel });
  expect(response.status).toBe(201);
  return funnelSchema.parse(await response.json()).id;
}

let names = 0;

/** Saves a funnel of custom events, and reads its report. */
async function report(
  page: string,
  steps: NewFunnel['steps'],
  options: Partial<NewFunnel> & { query?: string } = {},
): Promise<FunnelReport> {
  const { query = '', ...rest } = options;
  const id = await create(page, { name: `Funnel ${names++}`, steps, ...rest });
  const response = await world.askAs('creator', `pages${page}/funnels/${id}/report?${query}`);
  expect(response.status).toBe(200);
  await world.askAs('creator', `pages${page}/funnels/${id}`, { method: 'DELETE' });
  return funnelReportSchema.parse(await response.json());
}

function named(letters: string): NewFunnel['steps'] {
  return Array.from(letters).map((name) => ({ name }));
}

function reached({ steps }: Pick<FunnelReport, 'steps'>) {
  return steps.map((each) => each.reached);
}

describe('a funnel', () => {
  it('has the steps of the specification', async () => {
    const both = await report('/vector', named('ABC'));
    // A B A C reaches all, A C B the second.
    expect(reached(both)).toEqual([2, 2, 1]);
    expect(
      both.steps.map(({ ofFirst, ofPrevious, lost, medianSeconds }) => [ofFirst, ofPrevious, lost, medianSeconds]),
    ).toEqual([
      [1, 1, 0, null],
      // A minute, and two.
      [1, 1, 1, 90],
      [0.5, 0.5, 0, 120],
    ]);
    // One event fills one step.
    expect(reached(await report('/vector', named('XX')))).toEqual([2, 1]);
    expect(both).toMatchObject({ coverage: { share: 1, low: false }, unavailable: null, errors: [] });
  });

  it('stays within a visit, which ends with its date and after 30 minutes', async () => {
    expect(reached(await report('/visits', named('AB')))).toEqual([5, 2]);
  });

  it('is open for a person who has begun again, although an earlier try came as far', async () => {
    const { steps } = await report('/tries', named('ABC'), { unit: 'person' });
    expect(steps.map((each) => [each.reached, each.open, each.lost])).toEqual([
      [10, 5, 0],
      [5, 5, 0],
      [0, 0, 0],
    ]);
    // Their windows are over.
    const short = await report('/tries', named('ABC'), { unit: 'person', windowDays: 1 });
    expect(short.steps.map((each) => [each.reached, each.open, each.lost])).toEqual([
      [10, 0, 5],
      [5, 0, 5],
      [0, 0, 0],
    ]);
  });

  it('breaks a tie of times by the id of the event, and reads addresses, links and types', async () => {
    expect(reached(await report('/edges', named('AB')))).toEqual([1, 0]);
    expect(reached(await report('/edges', named('BA')))).toEqual([1, 1]);
    const steps = [
      { type: 'page_view', path: '/' },
      { type: 'page_view', path: '/pricing' },
      { link: 'offer' },
    ] as const;
    expect(reached(await report('/edges', [...steps]))).toEqual([2, 1, 1]);
    const inAustria = { dimension: 'country' as const, operator: 'is' as const, values: ['AT'] };
    expect(reached(await report('/edges', [{ path: '/', filters: [inAustria] }, { link: 'offer' }]))).toEqual([1, 1]);
    const eight = await report('/edges', [...steps, ...named('VWXYZ')]);
    expect(reached(eight)).toEqual([2, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('follows people over days, from each start, within the window', async () => {
    const week = await report('/people', named('AB'), { unit: 'person' });
    // Five within the window, five whose second start is, five too late by a second, and five who can still come.
    expect(reached(week)).toEqual([20, 10]);
    expect(week.steps.map(({ open, lost }) => [open, lost])).toEqual([
      [5, 5],
      [0, 0],
    ]);
    expect(week.steps[1]?.medianSeconds).toBe(86_400 * 4.5);
    expect(reached(await report('/people', named('AB'), { unit: 'person', windowDays: 8 }))).toEqual([20, 15]);
    // The first step is within the range, the second may be later.
    const day = await report('/people', named('AB'), { unit: 'person', query: 'from=2026-11-01&to=2026-11-01' });
    expect(reached(day)).toEqual([15, 5]);
    // A step in another visit does not count.
    expect(reached(await report('/people', named('AB')))).toEqual([25, 0]);
  });

  it('follows the ids of a person', async () => {
    expect(reached(await report('/linked', named('AB'), { unit: 'person' }))).toEqual([5, 5]);
  });

  it('hides a few people, but not a few visits', async () => {
    const query = 'by=country';
    const people = await report('/values', named('AB'), { unit: 'person', query });
    expect(reached(people)).toEqual([12, '<5']);
    expect(people.values.map(({ value, steps }) => [value, ...reached({ steps })])).toEqual([['AT', 8, '<5']]);
    const visits = await report('/values', named('AB'), { query });
    expect(reached(visits)).toEqual([12, 3]);
    expect(visits.values.map(({ value, steps }) => [value, ...reached({ steps })])).toEqual([
      ['AT', 8, 2],
      ['DE', 4, 1],
    ]);
  });

  it('has the ten most frequent values', async () => {
    const { values } = await report('/random', named('AB'), { query: 'by=event' });
    expect(values.map(({ value }) => value)).toEqual(['A']);
    const cities = await report('/visits', named('C'.repeat(2)), { query: 'by=city' });
    expect(cities.values).toHaveLength(10);
    expect(reached(cities)).toEqual([11, 0]);
  });

  it('says why there are no people', async () => {
    const off = await world.askAs('ada', 'pages/off/funnels', {
      method: 'POST',
      body: { name: 'x', unit: 'person', steps: named('AB') },
    });
    const { id } = funnelSchema.parse(await off.json());
    const response = await world.askAs('ada', `pages/off/funnels/${id}/report`);
    expect(await response.json()).toMatchObject({ steps: [], unavailable: { reason: 'identities-off' } });
    const unused = await report('/unused', named('AB'), { unit: 'person' });
    expect(unused).toMatchObject({ steps: [], unavailable: { reason: 'no-ids-yet' } });
    expect(reached(await report('/unused', named('AB')))).toEqual([0, 0]);
  });

  it.each(['AB', 'ABC', 'AAB', 'CBA', 'ABAB', 'BCACB'])('%s agrees with a second implementation', async (letters) => {
    const steps = Array.from(letters).map((name) => (row: EventRow) => row.event_name === name);
    const range = { from: '2026-11-01', to: '2026-11-26' };
    const query = 'from=2026-11-01&to=2026-11-26';
    const visits = naiveFunnel(randomRows, {
      ...range,
      steps,
      unitOf: ({ visitor_id }) => String(visitor_id),
      windowSeconds: 86_400,
    });
    expect(reached(await report('/random', named(letters), { query }))).toEqual(visits);
  });

  it.each(
    ['AB', 'ABC', 'AAA', 'BCACB', 'ABCABCAB'].flatMap((letters) =>
      [1, 2, 4].map((windowDays) => [letters, windowDays] as const),
    ),
  )('%s of people within %i days agrees with a second implementation', async (letters, windowDays) => {
    const steps = Array.from(letters).map((name) => (row: EventRow) => row.event_name === name);
    const range = { from: '2026-11-03', to: '2026-11-06' };
    const windowSeconds = windowDays * 86_400;
    const people = naiveFunnel(walkRows, { ...range, steps, unitOf: (row) => row.consented_id, windowSeconds });
    const query = `from=${range.from}&to=${range.to}`;
    expect(reached(await report('/walks', named(letters), { unit: 'person', windowDays, query }))).toEqual(
      people.map((count) => (count > 0 && count < 5 ? '<5' : count)),
    );
  });

  it('follows thousands of tries of one person', async () => {
    const { steps } = await report('/busy', named('AAB'), { unit: 'person' });
    expect(steps.map((each) => [each.reached, each.medianSeconds])).toEqual([
      [5, null],
      [5, 2],
      [5, (busySteps - 1) * 2],
    ]);
  });

  it('shows the last report while a store fails, and else nothing', async () => {
    const id = await create('/vector', { name: 'Failing', steps: named('AB') });
    const path = `pages/vector/funnels/${id}/report`;
    const working = funnelReportSchema.parse(await (await world.askAs('creator', path)).json());
    for (const store of ['lake', 'counters'] as const) {
      const headers = { authorization: 'Bearer creator', 'cache-control': 'no-cache' };
      const stale = await world.failing(store).request(`/api/v1/${path}`, { headers });
      expect(funnelReportSchema.parse(await stale.json())).toMatchObject({
        steps: working.steps,
        sources: { funnel: { stale: true } },
      });
      expect((await world.failing(store).request(`/api/v1/${path}?by=os`, { headers })).status).toBe(503);
    }
  });
});

describe('saved funnels', () => {
  it('are listed, replaced and deleted', async () => {
    const id = await create('/saved', { name: 'To B', steps: named('AB') });
    const changed = { name: 'To C', steps: named('AC'), unit: 'person', windowDays: 30 };
    const put = await world.askAs('creator', `pages/saved/funnels/${id}`, { method: 'PUT', body: changed });
    expect(await put.json()).toEqual({ id, ...changed });
    const taken = await world.askAs('creator', 'pages/saved/funnels', {
      method: 'POST',
      body: { name: 'TO c', steps: named('AB') },
    });
    expect(problemSchema.parse(await taken.json())).toMatchObject({ status: 409, errors: [{ field: 'name' }] });
    const list = await world.askAs('creator', 'pages/saved/funnels');
    expect(funnelsSchema.parse(await list.json()).rows).toEqual([{ id, ...changed }]);
    // Of another page, it does not exist.
    expect((await world.askAs('creator', `pages/vector/funnels/${id}/report`)).status).toBe(404);
    expect((await world.askAs('creator', `pages/saved/funnels/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await world.askAs('creator', `pages/saved/funnels/${id}/report`)).status).toBe(404);
  });

  it('are at most 20', async () => {
    for (let at = 0; at < 20; at++) await create('/saved', { name: `Funnel number ${at}`, steps: named('AB') });
    const body = { name: 'One more', steps: named('AB') };
    expect((await world.askAs('creator', 'pages/saved/funnels', { method: 'POST', body })).status).toBe(409);
  });

  it.each([
    ['steps', { steps: named('A') }],
    ['steps', { steps: named('ABCDEFGHI') }],
    ['steps[1].path', { steps: [{ name: 'A' }, { path: 'pricing' }] }],
    ['steps[1].path', { steps: [{ name: 'A' }, { path: '/pricing?plan=pro' }] }],
    ['steps[0].name', { steps: [{ type: 'page_view', name: 'A' }, { name: 'B' }] }],
    ['steps[1].name', { steps: [{ name: 'A' }, { type: 'link_click', name: 'B' }] }],
    ['steps[0].link', { steps: [{ type: 'page_view', link: 'offer' }, { name: 'B' }] }],
    ['steps[0].link', { steps: [{ name: 'A', link: 'offer' }, { name: 'B' }] }],
    ['steps[0].unknown', { steps: [{ unknown: 1 }, { name: 'B' }] }],
    ['windowDays', { windowDays: 31 }],
    ['windowDays', { windowDays: 0 }],
    ['name', { name: 'x'.repeat(61) }],
    ['unit', { unit: 'visitor' }],
  ])('name a wrong %s', async (field, change) => {
    const body = { name: 'Wrong', steps: named('AB'), ...change };
    const response = await world.askAs('creator', 'pages/vector/funnels', { method: 'POST', body });
    expect(problemSchema.parse(await response.json())).toMatchObject({ status: 400, errors: [{ field }] });
  });

  it('have reports of at most 366 days', async () => {
    const id = await create('/vector', { name: 'A year', steps: named('AB') });
    const path = `pages/vector/funnels/${id}/report?to=2026-11-26&from=`;
    expect((await world.askAs('creator', `${path}2025-11-26`)).status).toBe(200);
    for (const [query, field] of [
      ['2025-11-25', 'from'],
      ['2026-11-27', 'to'],
      ['2026-11-01&by=nothing', 'by'],
    ] as const) {
      const response = await world.askAs('creator', path + query);
      expect(problemSchema.parse(await response.json())).toMatchObject({ status: 400, errors: [{ field }] });
    }
    // A parameter that is missing has no value.
    const response = await world.askAs('creator', `pages/vector/funnels/${id}/report?from=2026-11-27`);
    expect(await response.json()).toMatchObject({
      detail: '`to` must be `from` or later, and no later than today.',
      errors: [{ field: 'to', value: null }],
    });
  });

  it('are in a share only if its owner says so', async () => {
    for (const [extras, status] of [
      [['retention'], 403],
      [['funnels'], 200],
    ] as const) {
      const body = { page: '/vector', expiresAt: '2026-12-01T00:00:00Z', extras };
      const { token } = createdShareSchema.parse(
        await (await world.askAs('ada', 'shares', { method: 'POST', body })).json(),
      );
      const headers = { authorization: `Share ${token}` };
      expect((await world.app.request('/api/v1/pages/vector/funnels', { headers })).status).toBe(status);
    }
  });
});

/** Within a visit; over midnight; after 31 minutes; without a visitor; by a bot; and eleven cities. */
function visitRows(): EventRow[] {
  const night = ['2026-11-20T22:58:00Z', '2026-11-20T23:01:00Z'] as const;
  const pause = ['2026-11-20T10:00:00Z', '2026-11-20T10:31:00Z'] as const;
  function pair([first, second]: readonly [string, string], visitor: bigint, changes: Partial<EventRow> = {}) {
    const common = { visitor_id: visitor, ...changes };
    return [custom('/visits', null, first, 'A', common), custom('/visits', null, second, 'B', common)];
  }
  return [
    ...visit('/visits', 11n, 'AB'),
    ...visit('/visits', 12n, 'AAXB'),
    ...visit('/visits', 13n, 'BA'),
    ...pair(night, 14n),
    ...pair(pause, 15n),
    ...pair(pause, 16n, { outcome: 'bot', outcome_rule: 'bot.user-agent' }),
    ...Array.from({ length: 11 }, (_, at) =>
      custom('/visits', null, '2026-11-20T12:00:00Z', 'C', {
        visitor_id: BigInt(30 + at),
        country: 'AT',
        city: `City ${at}`,
      }),
    ),
  ];
}

/** Each five times, with a window of a week. */
/** People who begin again after their first window is over: without the second step, and after it. */
function triesRows(): EventRow[] {
  return [1, 2, 3, 4, 5].flatMap((copy) => [
    custom('/tries', `once-${copy}`, '2026-11-01T10:00:00Z', 'A'),
    custom('/tries', `once-${copy}`, '2026-11-22T10:00:00Z', 'A'),
    custom('/tries', `twice-${copy}`, '2026-11-01T10:00:00Z', 'A'),
    custom('/tries', `twice-${copy}`, '2026-11-02T10:00:00Z', 'B'),
    custom('/tries', `twice-${copy}`, '2026-11-22T10:00:00Z', 'A'),
  ]);
}

function peopleRows(): EventRow[] {
  const at: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      'soon',
      [
        ['A', '2026-11-01T10:00:00Z'],
        ['B', '2026-11-08T10:00:00Z'],
      ],
    ],
    [
      'again',
      [
        ['A', '2026-11-01T10:00:00Z'],
        ['A', '2026-11-10T10:00:00Z'],
        ['B', '2026-11-12T10:00:00Z'],
      ],
    ],
    [
      'late',
      [
        ['A', '2026-11-01T10:00:00Z'],
        ['B', '2026-11-08T10:00:01Z'],
      ],
    ],
    ['open', [['A', '2026-11-25T10:00:00Z']]],
  ];
  return at.flatMap(([person, events]) =>
    [1, 2, 3, 4, 5].flatMap((copy) => events.map(([name, when]) => custom('/people', `${person}-${copy}`, when, name))),
  );
}

/** On a device, and after signing in; the edge between both is later than either. */
function linkedRows(): EventRow[] {
  return [1, 2, 3, 4, 5].flatMap((copy) => [
    custom('/linked', `device-${copy}`, '2026-11-02', 'A'),
    custom('/linked', `user-${copy}`, '2026-11-03', 'B'),
    custom('/linked', `user-${copy}`, '2026-11-24', 'identify', {
      anonymous_id: `device-${copy}`,
      outcome: 'identify',
      outcome_rule: 'identify',
    }),
  ]);
}

function edgeRows(): EventRow[] {
  // The event of B has the smaller id.
  const later = custom('/edges', null, '2026-11-20T10:00:00Z', 'B', { visitor_id: 50n });
  const tie = custom('/edges', null, '2026-11-20T10:00:00Z', 'A', { visitor_id: 50n });
  function view(visitor: bigint, minute: number, url: string | null, country = 'US') {
    const properties = url === null ? null : JSON.stringify({ url });
    return seen('/edges', null, `2026-11-20T11:0${minute}:00Z`, { visitor_id: visitor, properties, country });
  }
  return [
    later,
    tie,
    view(51n, 0, 'https://ada.example'),
    view(51n, 1, 'https://ada.example/pricing'),
    seen('/edges', null, '2026-11-20T11:02:00Z', { visitor_id: 51n, event_type: 'link_click', link_id: 'offer' }),
    ...Array.from('VWXYZ').map((name, at) =>
      custom('/edges', null, `2026-11-20T11:0${at + 3}:00Z`, name, { visitor_id: 51n }),
    ),
    view(52n, 0, 'https://ada.example/', 'AT'),
    view(52n, 1, 'https://ada.example/pricing/more'),
    view(52n, 2, null),
    view(52n, 3, 'not an address'),
    view(53n, 0, null),
    seen('/edges', null, '2026-11-20T11:04:00Z', { visitor_id: 52n, event_type: 'link_click', link_id: 'offer' }),
    seen('/edges', null, '2026-11-20T11:05:00Z', { visitor_id: 52n, event_type: 'link_click', link_id: 'other' }),
  ];
}

/** Eight people of Austria, two of whom go on, and four of Germany, one of whom does. */
function valueRows(): EventRow[] {
  return Array.from({ length: 12 }, (_, at) => {
    const common = { visitor_id: BigInt(70 + at), country: at < 8 ? 'AT' : 'DE', consented_id: `person-${at}` };
    return [...visit('/values', common.visitor_id, at === 0 || at === 1 || at === 8 ? 'AB' : 'A', common)];
  }).flat();
}
