/**
 * The APIs of the tools, as far as a pull asks them. Bodies have the fields and the spelling of their documentation, and pages
 * are cut as it says: docs/imports.md names the sources. Each answers from its data alone.
 */
export interface ApiRequest {
  method: string;
  /** With the query. */
  url: URL;
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

export interface ApiAnswer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

export type ToolApi = (request: ApiRequest) => ApiAnswer;

export interface BitlyData {
  /** Links by group. */
  groups: Record<string, BitlyLink[]>;
}

interface BitlyLink {
  /** `bit.ly/3aBcDeF` */
  id: string;
  longUrl: string;
  title?: string;
  customBitlinks?: string[];
  archived?: boolean;
  tags?: string[];
  /** Clicks by date. */
  days: Record<string, number>;
}

/** https://dev.bitly.com/api-reference and …/docs/getting-started/changes-to-retrieve-bitlinks-by-group */
export function bitlyApi({ groups }: BitlyData, token: string): ToolApi {
  const all = Object.values(groups).flat();
  return ({ url, headers }) => {
    if (headers['authorization'] !== `Bearer ${token}`)
      return {
        status: 403,
        body: {
          message: 'FORBIDDEN',
          resource: 'bitlinks',
          description: 'You are currently forbidden to access this resource.',
        },
      };
    if (url.pathname === '/v4/groups')
      return {
        status: 200,
        body: { groups: Object.keys(groups).map((guid) => ({ guid, name: guid, is_active: true, bsds: [] })) },
      };
    const [, guid] = /^\/v4\/groups\/([^/]+)\/bitlinks$/.exec(url.pathname) ?? [];
    if (guid !== undefined) {
      const links = groups[guid] ?? [];
      const size = Number(url.searchParams.get('size') ?? 50);
      const from = Number(url.searchParams.get('search_after') ?? 0);
      const after = from + size < links.length ? String(from + size) : '';
      return {
        status: 200,
        body: {
          links: links.slice(from, from + size).map(toBitlink),
          pagination: { next: '', search_after: after, size, page: 1, total: links.length },
        },
      };
    }
    const [, bitlink] = /^\/v4\/bitlinks\/(.+)\/clicks$/.exec(url.pathname) ?? [];
    const link = all.find(({ id }) => id === decodeURIComponent(bitlink ?? ''));
    if (link === undefined)
      return {
        status: 404,
        body: { message: 'NOT_FOUND', resource: 'bitlinks', description: 'What you are looking for cannot be found.' },
      };
    return {
      status: 200,
      body: {
        unit_reference: url.searchParams.get('unit_reference'),
        link_clicks: Object.entries(link.days)
          .toSorted(([a], [b]) => (a < b ? 1 : -1))
          .map(([date, clicks]) => ({ date: `${date}T00:00:00+0000`, clicks })),
        units: -1,
        unit: 'day',
      },
    };
  };
}

function toBitlink({ id, longUrl, title = '', customBitlinks = [], archived = false, tags = [] }: BitlyLink) {
  return {
    created_at: '2023-01-05T09:30:00+0000',
    id,
    link: `https://${id}`,
    custom_bitlinks: customBitlinks,
    long_url: longUrl,
    title,
    archived,
    tags,
    deeplinks: [],
    references: { group: 'https://api-ssl.bitly.com/v4/groups/Ba1bc23dE4F' },
  };
}

export interface ShlinkData {
  links: ShlinkLink[];
  orphans: number;
}

interface ShlinkLink {
  shortCode: string;
  longUrl: string;
  domain?: string;
  title?: string;
  tags?: string[];
  hasRedirectRules?: boolean;
  /** Oldest first, as they were made. */
  visits: ShlinkVisitData[];
}

interface ShlinkVisitData {
  date: string;
  referer?: string;
  userAgent: string;
  country?: string;
  bot?: boolean;
}

/** docs/swagger of https://github.com/shlinkio/shlink, version 5 */
export function shlinkApi({ links, orphans }: ShlinkData, token: string): ToolApi {
  return ({ url, headers }) => {
    if (headers['x-api-key'] !== token)
      return {
        status: 401,
        body: {
          detail: 'Provided API key does not exist or is invalid.',
          title: 'Invalid API key',
          type: 'https://shlink.io/api/error/invalid-api-key',
          status: 401,
        },
      };
    if (url.pathname === '/rest/v3/visits')
      return {
        status: 200,
        body: {
          visits: {
            nonOrphanVisits: summarize(links.flatMap(({ visits }) => visits)),
            orphanVisits: { total: orphans, nonBots: orphans, bots: 0 },
          },
        },
      };
    if (url.pathname === '/rest/v3/short-urls') {
      const { data, pagination } = paginate(links, url);
      return { status: 200, body: { shortUrls: { data: data.map(toShortUrl), pagination } } };
    }
    const [, code] = /^\/rest\/v3\/short-urls\/([^/]+)\/visits$/.exec(url.pathname) ?? [];
    const domain = url.searchParams.get('domain') ?? undefined;
    const link = links.find((each) => each.shortCode === decodeURIComponent(code ?? '') && each.domain === domain);
    if (link === undefined)
      return {
        status: 404,
        body: {
          detail: `No URL found with short code "${code}"`,
          title: 'Short URL not found',
          type: 'https://shlink.io/api/error/short-url-not-found',
          status: 404,
        },
      };
    const end = Date.parse(url.searchParams.get('endDate') ?? '');
    const until = link.visits.filter(({ date }) => Number.isNaN(end) || Date.parse(date) <= end).toReversed();
    const { data, pagination } = paginate(until, url);
    return { status: 200, body: { visits: { data: data.map((visit) => toVisit(link, visit)), pagination } } };
  };
}

function paginate<T>(all: readonly T[], url: URL) {
  const currentPage = Number(url.searchParams.get('page') ?? 1);
  const itemsPerPage = Number(url.searchParams.get('itemsPerPage') ?? 10);
  const data = all.slice((currentPage - 1) * itemsPerPage, currentPage * itemsPerPage);
  const pagesCount = Math.ceil(all.length / itemsPerPage);
  return {
    data,
    pagination: { currentPage, pagesCount, itemsPerPage, itemsInCurrentPage: data.length, totalItems: all.length },
  };
}

function summarize(visits: readonly ShlinkVisitData[]) {
  const bots = visits.filter(({ bot }) => bot === true).length;
  return { total: visits.length, nonBots: visits.length - bots, bots };
}

function toShortUrl({ shortCode, longUrl, domain, title, tags = [], hasRedirectRules = false, visits }: ShlinkLink) {
  return {
    shortCode,
    shortUrl: `https://${domain ?? 's.example'}/${shortCode}`,
    longUrl,
    dateCreated: '2016-08-21T20:34:16+02:00',
    visitsSummary: summarize(visits),
    tags,
    meta: { validSince: null, validUntil: null, maxVisits: null },
    domain: domain ?? null,
    title: title ?? null,
    crawlable: false,
    forwardQuery: true,
    hasRedirectRules,
  };
}

function toVisit(
  { shortCode, longUrl, domain }: ShlinkLink,
  { date, referer, userAgent, country, bot = false }: ShlinkVisitData,
) {
  return {
    referer: referer ?? '',
    date,
    userAgent,
    visitLocation:
      country === undefined
        ? null
        : {
            cityName: 'Cupertino',
            countryCode: country,
            countryName: 'United States',
            latitude: 37.3042,
            longitude: -122.0946,
            regionName: 'California',
            timezone: 'America/Los_Angeles',
          },
    potentialBot: bot,
    visitedUrl: `https://${domain ?? 's.example'}/${shortCode}`,
    redirectUrl: longUrl,
  };
}

export interface DubData {
  links: DubLink[];
  /** Whether the plan has `GET /events`. */
  hasEvents: boolean;
  /** Days that a request for analytics may span. */
  mostDays?: number;
}

interface DubLink {
  id: string;
  key: string;
  url: string;
  createdAt: string;
  archived?: boolean;
  password?: string;
  clicks: DubClick[];
}

interface DubClick {
  id: string;
  timestamp: string;
  country?: string;
  referer?: string;
}

/** https://dub.co/docs/api-reference, and apps/web/lib of https://github.com/dubinc/dub */
export function dubApi({ links, hasEvents, mostDays = 36_500 }: DubData, token: string): ToolApi {
  const newestFirst = links.toReversed();
  return ({ url, headers }) => {
    if (headers['authorization'] !== `Bearer ${token}`)
      return dubError(401, 'unauthorized', 'Unauthorized: Invalid API key.');
    const { searchParams } = url;
    if (url.pathname === '/links') {
      const size = Number(searchParams.get('pageSize') ?? 100);
      if (size > 100) return dubError(422, 'unprocessable_entity', 'custom: pageSize: Max page size is 100.');
      const after = searchParams.get('startingAfter');
      const from = after === null ? 0 : newestFirst.findIndex(({ id }) => id === after) + 1;
      return { status: 200, body: newestFirst.slice(from, from + size).map(toDubLink) };
    }
    const start = `${searchParams.get('start')}T00:00:00.000Z`;
    const end = `${searchParams.get('end')}T23:59:59.999Z`;
    const days = Math.floor((Date.parse(end) - Date.parse(start)) / 86_400_000);
    if (days + 1 > mostDays)
      return dubError(
        403,
        'forbidden',
        'You can only get analytics for up to 30 days on a Free plan. Upgrade to Pro or Business to get analytics for longer periods.',
      );
    if (url.pathname === '/events') {
      if (!hasEvents) return dubError(403, 'forbidden', 'Unauthorized: Need higher plan.');
      const limit = Number(searchParams.get('limit') ?? 100);
      const events = links
        .flatMap((link) => link.clicks.map((click) => ({ link, click })))
        .filter(({ click }) => click.timestamp >= start && click.timestamp <= end)
        .toSorted((a, b) => (a.click.timestamp < b.click.timestamp ? -1 : 1));
      const from = (Number(searchParams.get('page') ?? 1) - 1) * limit;
      return { status: 200, body: events.slice(from, from + limit).map(toDubEvent) };
    }
    const link = links.find(({ id }) => id === searchParams.get('linkId'));
    if (link === undefined) return dubError(404, 'not_found', 'Link not found.');
    // Hours for short windows and months for long ones, as getStartEndDates() decides.
    const length = days <= 2 ? 13 : days > 180 ? 7 : 10;
    const counts = new Map<string, number>();
    for (const { timestamp } of link.clicks)
      if (timestamp >= start && timestamp <= end)
        counts.set(timestamp.slice(0, length), (counts.get(timestamp.slice(0, length)) ?? 0) + 1);
    return {
      status: 200,
      body: [...counts].map(([time, clicks]) => ({
        start: `${time}${'-01T00:00:00.000Z'.slice(time.length === 7 ? 0 : time.length === 10 ? 3 : 6)}`,
        clicks,
        leads: 0,
        sales: 0,
        saleAmount: 0,
      })),
    };
  };
}

function dubError(status: number, code: string, message: string): ApiAnswer {
  return { status, body: { error: { code, message, doc_url: `https://dub.co/docs/api-reference/errors#${code}` } } };
}

function toDubLink({ id, key, url, createdAt, archived = false, password, clicks }: DubLink) {
  return {
    id,
    domain: 'dub.sh',
    key,
    url,
    trackConversion: false,
    externalId: null,
    tenantId: null,
    programId: null,
    partnerId: null,
    archived,
    expiresAt: null,
    expiredUrl: null,
    disabledAt: null,
    password: password ?? null,
    proxy: false,
    title: null,
    description: null,
    image: null,
    video: null,
    rewrite: false,
    doIndex: false,
    ios: null,
    android: null,
    geo: null,
    publicStats: false,
    tags: [{ id: 'tag_1', name: 'Print', color: 'red' }],
    folderId: null,
    comments: null,
    shortLink: `https://dub.sh/${key}`,
    qrCode: `https://api.dub.co/qr?url=https://dub.sh/${key}`,
    utm_source: null,
    utm_medium: null,
    utm_campaign: null,
    utm_term: null,
    utm_content: null,
    userId: 'user_1',
    workspaceId: 'ws_1',
    clicks: clicks.length,
    leads: 0,
    conversions: 0,
    sales: 0,
    saleAmount: 0,
    lastClicked: clicks.at(-1)?.timestamp ?? null,
    createdAt,
    updatedAt: createdAt,
    tagId: 'tag_1',
    projectId: 'ws_1',
    webhookIds: [],
  };
}

function toDubEvent({ link, click }: { link: DubLink; click: DubClick }) {
  return {
    event: 'click',
    timestamp: click.timestamp,
    click: {
      id: click.id,
      timestamp: click.timestamp,
      url: link.url,
      country: click.country ?? 'Unknown',
      city: 'Unknown',
      region: 'Unknown',
      continent: 'EU',
      device: 'Mobile',
      browser: 'Mobile Safari',
      os: 'iOS',
      trigger: 'link',
      referer: click.referer === undefined ? '(direct)' : new URL(click.referer).hostname,
      refererUrl: click.referer ?? '(direct)',
      qr: false,
      ip: '203.0.113.7',
    },
    link: toDubLink(link),
    click_id: click.id,
    link_id: link.id,
  };
}

export interface PlausibleData {
  site: string;
  /** Page views, each of its own visit and visitor. */
  views: PlausibleView[];
}

interface PlausibleView {
  date: string;
  page: string;
  source?: string;
  country?: string;
}

/** https://plausible.io/docs/stats-api, and lib/plausible_web/plugs of https://github.com/plausible/analytics */
export function plausibleApi({ site, views }: PlausibleData, token: string): ToolApi {
  return ({ method, url, headers, body }) => {
    if (url.pathname !== '/api/v2/query' || method !== 'POST') return { status: 404, body: { error: 'Not found' } };
    const query: PlausibleQuery = JSON.parse(body);
    if (headers['authorization'] !== `Bearer ${token}` || query.site_id !== site)
      return {
        status: 401,
        body: {
          error:
            "Invalid API key or site ID. Please make sure you're using a valid API key with access to the site you've requested.",
        },
      };
    const [from, to] = query.date_range === 'all' ? ['', '9999'] : query.date_range;
    const groups = Map.groupBy(
      views.filter(({ date }) => date >= from && date <= to),
      (view) => JSON.stringify(query.dimensions.map((name) => valueOf(view, name))),
    );
    const rows = [...groups]
      .map(([dimensions, found]) => ({
        metrics: query.metrics.map(() => found.length),
        dimensions: JSON.parse(dimensions),
      }))
      .toSorted((a, b) => (JSON.stringify(a.dimensions) < JSON.stringify(b.dimensions) ? -1 : 1));
    const { limit = 10_000, offset = 0 } = query.pagination ?? {};
    return {
      status: 200,
      body: { results: rows.slice(offset, offset + limit), meta: { imports_included: true }, query },
    };
  };
}

interface PlausibleQuery {
  site_id: string;
  metrics: string[];
  date_range: 'all' | [string, string];
  dimensions: string[];
  pagination?: { limit?: number; offset?: number };
}

function valueOf(view: PlausibleView, dimension: string): string {
  switch (dimension) {
    case 'time:day':
      return view.date;
    case 'event:page':
      return view.page;
    case 'visit:source':
      return view.source ?? 'Direct / None';
    case 'visit:country':
      return view.country ?? '(not set)';
    default:
      return '(not set)';
  }
}
