/** The callers of the access tests. */
export const people = [
  'admin',
  'agency',
  'creator',
  'other agency',
  'other creator',
  'stranger',
  'share',
  'nobody',
] as const;
export type Person = (typeof people)[number];

/** Status for each caller. */
export type Expected = Readonly<Record<Person, number>>;

export interface RouteCase {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path in the OpenAPI document. */
  path: string;
  /** Requested URL, for page `/ada`, link `k3x9` and agency `north`. */
  url: string;
  body?: unknown;
  expected: Expected;
}

/** Statistics of a page, which a share can read, too. */
const numbers = statuses(200, 200, 200, 404, 404, 200);

const alerts = {
  enabled: true,
  method: 'default',
  sensitivity: 'normal',
  recipients: [],
  quietHours: null,
  kinds: ['alert'],
  goal: null,
  badDays: [],
};
const rule = { field: 'country', value: 'US', outcome: 'bot', preview: true };
const metric = { name: 'Clicks', unit: 'count', measures: { a: { of: 'clicks' } }, formula: 'a' };
const segment = { name: 'Austria', filters: [{ dimension: 'country', operator: 'is', values: ['AT'] }] };
const campaign = { name: 'Spring', label: 'spring', from: '2026-11-01', to: '2026-11-30' };
const funnel = { name: 'To a click', steps: [{ type: 'page_view' }, { type: 'link_click' }] };
const expiresAt = '2026-12-01T00:00:00Z';

/** Every route of the API. A test fails if the document has a route that is not listed here. */
export const routeCases: readonly RouteCase[] = [
  { method: 'get', path: '/me', url: 'me', expected: own(200) },
  { method: 'get', path: '/users', url: 'users', expected: adminsOnly(200) },
  {
    method: 'post',
    path: '/users',
    url: 'users',
    body: { email: 'new@example.org', role: 'creator', pages: ['/ada'] },
    expected: adminsOnly(201),
  },
  {
    method: 'patch',
    path: '/users/{subject}',
    url: 'users/lone',
    body: { role: 'creator' },
    expected: adminsOnly(200),
  },
  { method: 'delete', path: '/users/{subject}', url: 'users/invited:new@example.org', expected: adminsOnly(204) },
  { method: 'get', path: '/links', url: 'links?page=/ada', expected: statuses(200, 200, 200, 404, 403, 403) },
  {
    method: 'post',
    path: '/links',
    url: 'links',
    body: { page: '/ada', url: 'https://a.example/' },
    expected: ofPage(201),
  },
  {
    method: 'get',
    path: '/pages/{page}/link-clicks',
    url: 'pages/ada/link-clicks?codes=k3x9&from=2026-11-20&to=2026-11-22',
    expected: ofPage(200),
  },
  // The stack's own address, because these tests request no other site.
  { method: 'get', path: '/link-preview', url: 'link-preview?url=https://go.example/k3x9', expected: own(200) },
  { method: 'get', path: '/link-icons', url: 'link-icons?hosts=nowhere.invalid', expected: own(200) },
  { method: 'get', path: '/links/{code}', url: 'links/k3x9', expected: ofPage(200) },
  { method: 'patch', path: '/links/{code}', url: 'links/k3x9', body: { title: 'T' }, expected: ofPage(200) },
  { method: 'get', path: '/links/{code}/stats', url: 'links/k3x9/stats', expected: ofPage(200) },
  { method: 'get', path: '/links/{code}/ledger', url: 'links/k3x9/ledger', expected: ofPage(200) },
  {
    method: 'get',
    path: '/links/{code}/imported-counts',
    url: 'links/k3x9/imported-counts',
    expected: ofPage(200),
  },
  { method: 'get', path: '/links/{code}/dashboard', url: 'links/k3x9/dashboard', expected: ofPage(200) },
  { method: 'get', path: '/links/{code}/changes', url: 'links/k3x9/changes', expected: ofPage(200) },
  {
    method: 'post',
    path: '/imports',
    url: 'imports',
    body: { csv: 'code,url\nz,https://a.example/', page: '/ada', preview: true },
    expected: own(201),
  },
  { method: 'get', path: '/pages', url: 'pages', expected: own(200) },
  // For agencies and creators, see below.
  { method: 'get', path: '/pages/{page}', url: 'pages/ada', expected: ofPage(200) },
  { method: 'patch', path: '/pages/{page}', url: 'pages/ada', body: { title: 'Ada' }, expected: ofPage(200) },
  { method: 'get', path: '/pages/{page}/settings', url: 'pages/ada/settings', expected: ofPage(200) },
  {
    method: 'put',
    path: '/pages/{page}/settings',
    url: 'pages/ada/settings',
    body: { timeZone: 'Europe/Vienna', origins: [], identities: 'none', alerts },
    expected: ofPage(200),
  },
  { method: 'get', path: '/pages/{page}/people', url: 'pages/ada/people', expected: ofPage(200) },
  { method: 'get', path: '/pages/{page}/recipients', url: 'pages/ada/recipients', expected: ofPage(200) },
  {
    method: 'post',
    path: '/pages/{page}/recipients',
    url: 'pages/ada/recipients',
    body: { address: 'ada@example.com' },
    expected: ofPage(404),
  },
  { method: 'get', path: '/pages/{page}/ingest-keys', url: 'pages/ada/ingest-keys', expected: ofPage(200) },
  {
    method: 'post',
    path: '/pages/{page}/ingest-keys',
    url: 'pages/ada/ingest-keys',
    body: { label: 'Shop server' },
    expected: ofPage(201),
  },
  {
    method: 'delete',
    path: '/pages/{page}/ingest-keys/{id}',
    url: 'pages/ada/ingest-keys/unknown',
    expected: ofPage(404),
  },
  { method: 'get', path: '/pages/{page}/stats', url: 'pages/ada/stats', expected: numbers },
  { method: 'get', path: '/pages/{page}/ledger', url: 'pages/ada/ledger', expected: numbers },
  { method: 'get', path: '/pages/{page}/imported-counts', url: 'pages/ada/imported-counts', expected: numbers },
  {
    method: 'get',
    path: '/pages/{page}/ledger/examples',
    url: 'pages/ada/ledger/examples?outcome=bot',
    expected: numbers,
  },
  { method: 'get', path: '/pages/{page}/dashboard', url: 'pages/ada/dashboard', expected: numbers },
  { method: 'get', path: '/pages/{page}/changes', url: 'pages/ada/changes', expected: numbers },
  {
    method: 'get',
    path: '/pages/{page}/retention',
    url: 'pages/ada/retention',
    // A share sees it only if its owner says so.
    expected: statuses(200, 200, 200, 404, 404, 403),
  },
  { method: 'get', path: '/pages/{page}/realtime', url: 'pages/ada/realtime', expected: numbers },
  { method: 'get', path: '/pages/{page}/recent-events', url: 'pages/ada/recent-events', expected: ofPage(200) },
  { method: 'get', path: '/pages/{page}/anomalies', url: 'pages/ada/anomalies', expected: ofPage(200) },
  {
    method: 'patch',
    path: '/pages/{page}/anomalies/{id}',
    url: 'pages/ada/anomalies/2026-11-12%23traffic',
    body: { acknowledged: true },
    expected: ofPage(404),
  },
  { method: 'put', path: '/pages/{page}/mute', url: 'pages/ada/mute', body: { until: null }, expected: ofPage(200) },
  {
    method: 'get',
    path: '/pages/{page}/annotations',
    url: 'pages/ada/annotations',
    expected: statuses(200, 200, 200, 404, 404, 403),
  },
  {
    method: 'post',
    path: '/pages/{page}/annotations',
    url: 'pages/ada/annotations',
    body: { text: 'Deployed' },
    expected: ofPage(201),
  },
  {
    method: 'delete',
    path: '/pages/{page}/annotations/{id}',
    url: 'pages/ada/annotations/unknown',
    expected: ofPage(404),
  },
  {
    method: 'get',
    path: '/pages/{page}/segments',
    url: 'pages/ada/segments',
    expected: statuses(200, 200, 200, 404, 404, 403),
  },
  {
    method: 'post',
    path: '/pages/{page}/segments',
    url: 'pages/ada/segments',
    body: segment,
    // The name is taken by then.
    expected: { ...ofPage(409), creator: 201 },
  },
  {
    method: 'put',
    path: '/pages/{page}/segments/{id}',
    url: 'pages/ada/segments/unknown',
    body: { ...segment, name: 'Other' },
    expected: ofPage(404),
  },
  { method: 'delete', path: '/pages/{page}/segments/{id}', url: 'pages/ada/segments/unknown', expected: ofPage(404) },
  {
    method: 'get',
    path: '/pages/{page}/metrics',
    url: 'pages/ada/metrics',
    expected: numbers,
  },
  {
    method: 'post',
    path: '/pages/{page}/metrics',
    url: 'pages/ada/metrics',
    body: metric,
    // The name is taken by then.
    expected: { ...ofPage(409), creator: 201 },
  },
  {
    method: 'put',
    path: '/pages/{page}/metrics/{id}',
    url: 'pages/ada/metrics/unknown',
    body: { ...metric, name: 'Other' },
    expected: ofPage(404),
  },
  { method: 'delete', path: '/pages/{page}/metrics/{id}', url: 'pages/ada/metrics/unknown', expected: ofPage(404) },
  {
    method: 'post',
    path: '/pages/{page}/metrics/preview',
    url: 'pages/ada/metrics/preview',
    body: metric,
    expected: ofPage(200),
  },
  {
    method: 'get',
    path: '/pages/{page}/metrics/{id}/values',
    url: 'pages/ada/metrics/unknown/values',
    expected: statuses(404, 404, 404, 404, 404, 404),
  },
  {
    method: 'get',
    path: '/pages/{page}/funnels',
    url: 'pages/ada/funnels',
    expected: statuses(200, 200, 200, 404, 404, 403),
  },
  {
    method: 'post',
    path: '/pages/{page}/funnels',
    url: 'pages/ada/funnels',
    body: funnel,
    // The name is taken by then.
    expected: { ...ofPage(409), creator: 201 },
  },
  {
    method: 'put',
    path: '/pages/{page}/funnels/{id}',
    url: 'pages/ada/funnels/unknown',
    body: { ...funnel, name: 'Other' },
    expected: ofPage(404),
  },
  { method: 'delete', path: '/pages/{page}/funnels/{id}', url: 'pages/ada/funnels/unknown', expected: ofPage(404) },
  {
    method: 'get',
    path: '/pages/{page}/funnels/{id}/report',
    url: 'pages/ada/funnels/unknown/report',
    expected: statuses(404, 404, 404, 404, 404, 403),
  },
  { method: 'get', path: '/pages/{page}/forecast', url: 'pages/ada/forecast', expected: ofPage(200) },
  { method: 'get', path: '/pages/{page}/backtest', url: 'pages/ada/backtest', expected: ofPage(200) },
  { method: 'get', path: '/pages/{page}/reclassify', url: 'pages/ada/reclassify', expected: ofPage(200) },
  // These tests have no lake: 503 for callers with access.
  { method: 'post', path: '/pages/{page}/reclassify', url: 'pages/ada/reclassify', body: rule, expected: ofPage(503) },
  {
    method: 'delete',
    path: '/pages/{page}/reclassify/{rule}',
    url: 'pages/ada/reclassify/none',
    expected: ofPage(404),
  },
  { method: 'get', path: '/shares', url: 'shares?page=/ada', expected: ofPage(200) },
  { method: 'post', path: '/shares', url: 'shares', body: { page: '/ada', expiresAt }, expected: ofPage(201) },
  { method: 'get', path: '/shares/current', url: 'shares/current', expected: statuses(404, 404, 404, 404, 404, 200) },
  { method: 'patch', path: '/shares/{id}', url: 'shares/unknown', body: { label: 'x' }, expected: ofPage(404) },
  {
    method: 'post',
    path: '/shares/unlock',
    url: 'shares/unlock',
    body: { token: 'unknown', password: 'open-sesame' },
    expected: statuses(401, 401, 401, 401, 401, 401),
  },
  { method: 'delete', path: '/shares/{id}', url: 'shares/unknown', expected: ofPage(404) },
  {
    method: 'get',
    path: '/shares/{token}/dashboard',
    url: 'shares/unknown/dashboard',
    expected: statuses(401, 401, 401, 401, 401, 401),
  },
  { method: 'get', path: '/channels', url: 'channels?page=/ada', expected: ofPage(200) },
  {
    method: 'post',
    path: '/channels',
    url: 'channels?page=/ada',
    body: { service: 'slack', name: 'Ops', webhookUrl: 'https://hooks.slack.com/services/T/B/X' },
    expected: ofPage(201),
  },
  { method: 'post', path: '/channels/{id}/test', url: 'channels/unknown/test?page=/ada', expected: ofPage(404) },
  { method: 'delete', path: '/channels/{id}', url: 'channels/unknown?page=/ada', expected: ofPage(404) },
  { method: 'get', path: '/keys', url: 'keys', expected: own(200) },
  { method: 'post', path: '/keys', url: 'keys', body: { label: 'ci', scopes: ['read'] }, expected: own(201) },
  { method: 'delete', path: '/keys/{id}', url: 'keys/unknown', expected: own(404) },
  { method: 'get', path: '/campaigns', url: 'campaigns?page=/ada', expected: ofPage(200) },
  {
    method: 'post',
    path: '/campaigns',
    url: 'campaigns',
    body: { page: '/ada', ...campaign },
    // The label is taken by then.
    expected: { ...ofPage(409), creator: 201 },
  },
  { method: 'get', path: '/campaigns/{id}', url: 'campaigns/unknown', expected: own(404) },
  { method: 'put', path: '/campaigns/{id}', url: 'campaigns/unknown', body: campaign, expected: own(404) },
  { method: 'delete', path: '/campaigns/{id}', url: 'campaigns/unknown', expected: own(404) },
  {
    method: 'get',
    path: '/public/campaigns/{id}',
    url: 'public/campaigns/unknown',
    expected: statuses(404, 404, 404, 404, 404, 404, 404),
  },
  { method: 'get', path: '/campaigns/{id}/report', url: 'campaigns/unknown/report', expected: own(404) },
  {
    method: 'get',
    path: '/campaigns/{id}/metrics',
    url: 'campaigns/spring/metrics',
    expected: statuses(200, 200, 200, 404, 403, 403),
  },
  { method: 'get', path: '/agencies', url: 'agencies', expected: own(200) },
  { method: 'get', path: '/home', url: 'home', expected: own(200) },
  {
    method: 'get',
    path: '/agencies/{id}/dashboard',
    url: 'agencies/north/dashboard',
    expected: statuses(200, 200, 404, 404, 404, 404),
  },
  {
    method: 'get',
    path: '/agencies/{id}/brand',
    url: 'agencies/north/brand',
    expected: statuses(200, 200, 404, 404, 404, 404),
  },
  {
    method: 'put',
    path: '/agencies/{id}/brand',
    url: 'agencies/north/brand',
    body: { name: 'North Agency' },
    expected: statuses(200, 200, 404, 404, 404, 404),
  },
  { method: 'get', path: '/exports', url: 'exports?page=/ada', expected: ofPage(200) },
  // These tests have no export function: 503 for callers with access.
  {
    method: 'post',
    path: '/exports',
    url: 'exports',
    body: { page: '/ada', from: '2026-11-01', to: '2026-11-02', format: 'csv' },
    expected: ofPage(503),
  },
  { method: 'get', path: '/exports/{id}', url: 'exports/unknown', expected: statuses(404, 404, 404, 404, 404, 404) },
  { method: 'get', path: '/imports/history', url: 'imports/history?page=/ada', expected: ofPage(200) },
  {
    method: 'post',
    path: '/imports/history',
    url: 'imports/history',
    body: { page: '/ada', fileName: 'visits.csv', bytes: 10 },
    expected: ofPage(201),
  },
  {
    method: 'get',
    path: '/imports/history/{id}',
    url: 'imports/history/unknown',
    expected: statuses(404, 404, 404, 404, 404, 404),
  },
  {
    method: 'post',
    path: '/imports/history/{id}/start',
    url: 'imports/history/unknown/start',
    body: { dryRun: true },
    expected: statuses(404, 404, 404, 404, 404, 404),
  },
  {
    method: 'delete',
    path: '/imports/history/{id}',
    url: 'imports/history/unknown',
    expected: statuses(404, 404, 404, 404, 404, 404),
  },
  { method: 'get', path: '/imports/pulls', url: 'imports/pulls?page=/ada', expected: ofPage(200) },
  // These tests have no function that pulls: 503 for callers with access.
  {
    method: 'post',
    path: '/imports/pulls',
    url: 'imports/pulls',
    body: { tool: 'dub', page: '/ada', token: 'dub_1' },
    expected: ofPage(503),
  },
  {
    method: 'get',
    path: '/imports/pulls/{id}',
    url: 'imports/pulls/unknown',
    expected: statuses(404, 404, 404, 404, 404, 404),
  },
  {
    method: 'post',
    path: '/imports/pulls/{id}/start',
    url: 'imports/pulls/unknown/start',
    body: {},
    expected: statuses(404, 404, 404, 404, 404, 404),
  },
  {
    method: 'delete',
    path: '/imports/pulls/{id}',
    url: 'imports/pulls/unknown',
    expected: statuses(404, 404, 404, 404, 404, 404),
  },
  { method: 'get', path: '/erasures', url: 'erasures', expected: adminsOnly(200) },
  {
    method: 'post',
    path: '/erasures',
    url: 'erasures',
    body: { kind: 'page', value: '/ada' },
    expected: adminsOnly(503),
  },
  { method: 'get', path: '/erasures/{id}', url: 'erasures/unknown', expected: adminsOnly(404) },
  // Last, because these delete what the others need.
  { method: 'delete', path: '/links/{code}', url: 'links/gone', expected: statuses(204, 404, 404, 404, 404, 404) },
  { method: 'delete', path: '/links/{code}/reservation', url: 'links/gone/reservation', expected: adminsOnly(204) },
];

/** Routes whose responses the tables above cannot express. */
export const creation: readonly { person: Person; agency: string | null; status: number }[] = [
  { person: 'admin', agency: 'north', status: 201 },
  { person: 'agency', agency: null, status: 201 },
  { person: 'agency', agency: 'south', status: 403 },
  { person: 'other agency', agency: null, status: 201 },
  { person: 'creator', agency: null, status: 403 },
  { person: 'stranger', agency: null, status: 403 },
  { person: 'share', agency: null, status: 403 },
  { person: 'nobody', agency: null, status: 401 },
];

function statuses(
  admin: number,
  agency: number,
  creator: number,
  others: number,
  stranger: number,
  share: number,
  nobody = 401,
): Expected {
  return {
    admin,
    agency,
    creator,
    'other agency': others,
    'other creator': others,
    stranger,
    share,
    nobody,
  };
}

/** For the caller's own resources. */
function own(status: number): Expected {
  return statuses(status, status, status, status, 403, 403);
}

function adminsOnly(status: number): Expected {
  return statuses(status, 403, 403, 403, 403, 403);
}

/** For a page: admins, its agency and its creator have access; for others it does not exist. */
function ofPage(status: number): Expected {
  return statuses(status, status, status, 404, 404, 404);
}
