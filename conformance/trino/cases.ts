import { zoneLines } from '../../core/alerts/local-days.ts';
import { before, endOf, startOf } from '../../core/settle/hours.ts';
import { formatRule } from '../../core/settle/rules.ts';
import { hashSubject } from '../../core/settle/tombstone.ts';
import * as lakeQueries from '../../stores/lake/lake-queries.ts';
import * as metricQueries from '../../stores/lake/metric-queries.ts';
import type { BoundQuery } from '../../stores/lake/query.ts';
import * as statsQueries from '../../stores/lake/stats-queries.ts';
import { bucket } from '../../test/lake/start-lake.ts';
import { funnelSteps } from '../../queries/fragments.ts';
import type { World } from '../../test/lake/settle-world.ts';
import { day, rules, windows, zones } from './population.ts';

type Values = Readonly<Record<string, unknown>>;

const hour = { dt: day, hr: '07' };

/** Further values of a query, each of which replaces some of those that all queries share. */
/** Lines of `rebuild --reclassify`: the new class and name, then the values of the rows. */
const reclassified = ['Chrome', 'Safari'].map((browser) =>
  ['search', 'It’s', '1', "it's.example", 'social', '', 'mail', '', '', '', browser].join('\t'),
);

const variations: Readonly<Record<string, readonly Values[]>> = {
  'settle-events': [
    {},
    { run: 'none', before_run: 'none', erased: [], erased_count: 0, forgotten: [], forgotten_count: 0, keep_keys: 0 },
    { keep_keys: 0, unreadable: [] },
    { run: 'none', rules: [], unreadable: [] },
    { referrals: reclassified },
    { slice: '01234567' },
    { slice: '89ABCDEF', run: 'none' },
  ],
  'settle-referrals': [{ most: 1000 }, { run: 'none', erased: [], erased_count: 0, most: 1000 }],
  'settle-expected': [{}, { run: 'none', erased: [], erased_count: 0 }, { run: 'none' }],
  'filtered-counts': [
    {},
    { kind: 'link', name: 'k3x9' },
    {
      filters: [
        { dimension: 'city', operator: 'is', values: ["Coeur d'Alene", ''] },
        { dimension: 'browser', operator: 'is-not', values: ['Safari', 'Chrome'] },
      ],
    },
    { filters: [{ dimension: 'link', operator: 'is', values: ['k3x9'] }] },
    { filters: [{ dimension: 'host', operator: 'contains', values: ['Example', 'ü'] }] },
  ],
  'filtered-visitors': [
    {},
    { kind: 'link', name: 'k3x9' },
    { filters: [{ dimension: 'country', operator: 'is-not', values: ['AT'] }] },
  ],
  'exact-stats': [{}, { kind: 'link', name: 'k3x9' }],
  'ledger-examples': [{}, { outcome: 'duplicate', link: 'k3x9' }, { outcome: 'bot' }],
  'rule-effect': [
    {},
    { field: 'referrer', wanted: "it's.example" },
    { field: 'rule', wanted: 'behavior.too-fast' },
    { field: 'visitor', wanted: '-9007199254740993' },
    { field: 'bot', wanted: 'Übot 😀', becomes: 'counted' },
  ],
  retention: [
    { by: 'week', mode: 'first' },
    { by: 'day', mode: 'each', start_type: 'page_view' },
    {
      by: 'month',
      mode: 'first',
      first_period: '2026-11-01',
      return_filters: [{ dimension: 'link', operator: 'is-not', values: ["it's?"] }],
    },
  ],
  funnel: [
    { unit: 'session', dimension: '' },
    { unit: 'person', dimension: 'city', path_b: '/pricing' },
    // Three steps, of which two are alike, from every start and within a day.
    { unit: 'person', dimension: '', length: 3, type_b: 'page_view', type_c: 'link_click', seconds: 86_400 },
    { unit: 'session', dimension: 'country', length: 8, ...eightSteps() },
    { unit: 'session', dimension: 'link', filters_a: [{ dimension: 'browser', operator: 'contains', values: ['ü?'] }] },
  ],
  'daily-history': [{ pages: Object.entries(zones).map(([page, zone]) => `${page}|${zone}`) }],
};

/** Views and clicks in turn. */
function eightSteps(): Values {
  return Object.fromEntries(funnelSteps.map((step, at) => [`type_${step}`, at % 2 === 0 ? 'page_view' : 'link_click']));
}

/** Measures that reach every kind of aggregate, operator and field. */
const measures = (
  [
    { of: 'clicks', property: null, filters: [{ field: 'browser', operator: 'is-not', values: ['Safari', 'ü?'] }] },
    { of: 'views', property: null, filters: [{ field: 'city', operator: 'starts-with', values: ["Coeur d'"] }] },
    { of: 'visitors', property: null, filters: [{ field: 'link', operator: 'is', values: ['k3x9', ''] }] },
    { of: 'sessions', property: null, filters: [{ field: 'properties.plan', operator: 'is', values: ['', 'pro'] }] },
    { of: 'sum', property: null, filters: [] },
    { of: 'average', property: 'price', filters: [{ field: 'campaign', operator: 'is', values: ['Spring'] }] },
  ] as const
).map((measure, at) => ({ page: '/ada', metric: 'm1@1', name: `m${at}`, measure, currency: 'EUR' }));

/** Lists every query of the lake with values that reach its branches. */
export async function listCases(world: World): Promise<{ name: string; query: BoundQuery }[]> {
  const shared = await sharedValues(world);
  return Object.values({ ...lakeQueries, ...statsQueries, ...metricQueries })
    .filter((query) => typeof query === 'object' && 'bindTyped' in query)
    .flatMap((query) =>
      (variations[query.name] ?? [{}]).map((changes, at) => ({
        name: at === 0 ? query.name : `${query.name} ${JSON.stringify(changes)}`.slice(0, 60),
        query: query.bindTyped(only(Object.keys(query.kinds), { ...shared, ...changes })),
      })),
    );
}

function only(names: readonly string[], values: Values): Values {
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

/** Values of all queries, by the name of their parameter. */
async function sharedValues(world: World): Promise<Values> {
  const present = await world.deps.state.hour(hour);
  const previous = before(hour);
  const previousRun = (await world.deps.state.hour(previous))?.run ?? 'none';
  const [unreadable] = await world.deps.lake.listRawHour(hour);
  const from = Date.parse('2026-11-20');
  const to = Date.parse('2026-11-26');
  return {
    filters: [],
    start: Date.parse('2026-11-20T23:00:00Z'),
    end: Date.parse('2026-11-23T23:00:00Z'),
    ...hour,
    run: present?.run ?? 'none',
    before_dt: previous.dt,
    before_hr: previous.hr,
    before_run: previousRun,
    hour: startOf(hour),
    hour_end: endOf(hour),
    unreadable: [`s3://${bucket}/${unreadable?.key ?? ''}`],
    rules: rules.map(formatRule),
    referrals: [],
    erased: [
      hashSubject({ kind: 'visitor', value: '3000009' }),
      hashSubject({ kind: 'consented', value: 'person@example' }),
    ],
    erased_count: 2,
    forgotten: [hashSubject({ kind: 'ids', value: '/ada' })],
    forgotten_count: 1,
    id: 'person@example',
    most: 100,
    window_known: windows.known,
    window_unknown: windows.unknown,
    window_longest: windows.known,
    keep_keys: 1,
    slice: '',
    date: day,
    first_dt: '2026-11-21',
    last_dt: '2026-11-24',
    from_dt: '2026-11-21',
    to_dt: '2026-11-24',
    from: '2026-11-21',
    to: '2026-11-23',
    longest: 25,
    pages: [...Object.keys(zones), '/none'],
    zones: [...new Set(Object.values(zones))].flatMap((zone) => zoneLines(zone, from, to)),
    kind: 'page',
    name: "/o'neil",
    page: '/ada',
    outcome: 'counted',
    field: 'asn',
    wanted: '64500',
    becomes: 'bot',
    start_type: '',
    start_filters: [],
    return_type: '',
    return_filters: [],
    first_period: '2026-11-16',
    last_period: '2026-11-23',
    closed_period: '2026-11-16',
    horizon: '2027-02-15',
    until: '2026-11-24',
    length: 2,
    conditions: measures,
    sums: measures,
    label: 'spring',
    link: '',
    seconds: 172_800,
    settled: Date.parse('2026-11-24T00:00:00Z'),
    ...Object.fromEntries(
      funnelSteps.flatMap((step) => [
        [`type_${step}`, { a: 'page_view', b: 'link_click' }[step as string] ?? 'none'],
        [`path_${step}`, ''],
        [`filters_${step}`, []],
      ]),
    ),
  };
}
