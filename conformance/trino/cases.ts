import { zoneLines } from '../../core/alerts/local-days.ts';
import { before, endOf, startOf } from '../../core/settle/hours.ts';
import { formatRule } from '../../core/settle/rules.ts';
import { hashSubject } from '../../core/settle/tombstone.ts';
import * as lakeQueries from '../../stores/lake/lake-queries.ts';
import type { BoundQuery } from '../../stores/lake/query.ts';
import * as statsQueries from '../../stores/lake/stats-queries.ts';
import { bucket } from '../../test/lake/start-lake.ts';
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
  'daily-history': [{ pages: Object.entries(zones).map(([page, zone]) => `${page}|${zone}`) }],
};

/** Lists every query of the lake with values that reach its branches. */
export async function listCases(world: World): Promise<{ name: string; query: BoundQuery }[]> {
  const shared = await sharedValues(world);
  return Object.values({ ...lakeQueries, ...statsQueries })
    .filter((query) => 'bindTyped' in query)
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
  };
}
