import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Reads docs/degradation.md: the expected state of each panel while a store fails. */

/** One row of the document's table. */
export interface PanelRow {
  /** As in the table: `dashboard: cities`. */
  name: string;
  /** Requested report: `dashboard`. */
  panel: string;
  /** Name in the response's `sources` and `errors`: `cities`. */
  part: string;
  /** State by column of the table: `shown`, `stale`, `missing` or a status. */
  states: Readonly<Record<string, string>>;
}

/** Parts with another name than their panel. */
const partOf: Readonly<Record<string, string>> = { 'why not counted': 'examples' };

const text = readFileSync(new URL('../../docs/degradation.md', import.meta.url), 'utf8');
/** The first table; others of the document are measurements. */
const [table = ''] = /^\|[^]*?(?=\n\n)/m.exec(text) ?? [];
const [head = [], , ...lines] = table.split('\n').map(cells);

/** The table's columns: `counters fail`, … */
export const faultNames: readonly string[] = head.slice(1);

export const panelRows: readonly PanelRow[] = lines.map(([name = '', ...states]) => {
  const [panel = '', part] = name.split(': ');
  return {
    name,
    panel,
    part: part ?? partOf[panel] ?? panel,
    states: Object.fromEntries(faultNames.map((fault, column) => [fault, states[column] ?? ''])),
  };
});

/** Request of a panel, below `/api/v1/`. */
export interface Question {
  path: string;
  method?: 'GET' | 'POST';
  body?: unknown;
  headers?: Record<string, string>;
}

/** Subject of the requests, with counted events in the date range. */
export interface Asked {
  /** Without the slash. */
  page: string;
  agency: string;
  /** Two letters, for the panels with a filter. */
  country: string;
  /** First and last date. */
  from: string;
  to: string;
}

const answerSchema = z.looseObject({
  errors: z.array(z.object({ part: z.string(), message: z.string() })).default([]),
  sources: z.record(z.string(), z.object({ stale: z.boolean(), asOf: z.string() })).default({}),
});

export interface PanelAnswer {
  status: number;
  retryAfter: string | null;
  body: z.infer<typeof answerSchema>;
}

/** Returns a request for every panel, by its name in the table. */
export function questionsAbout({ page, agency, country, from, to }: Asked): Readonly<Record<string, Question>> {
  const range = `from=${from}&to=${to}`;
  const metric = { name: 'Clicks', unit: 'count', measures: { a: { of: 'clicks' } }, formula: 'a' };
  const preview = { field: 'bot', value: 'Crawler', outcome: 'counted', preview: true };
  return {
    dashboard: { path: `pages/${page}/dashboard?${range}&compare=previous` },
    'dashboard with a filter': { path: `pages/${page}/dashboard?${range}&country=${country}` },
    agency: { path: `agencies/${agency}/dashboard?${range}` },
    home: { path: `home?${range}` },
    stats: { path: `pages/${page}/stats?${range}` },
    'stats with a filter': { path: `pages/${page}/stats?${range}&country=${country}` },
    ledger: { path: `pages/${page}/ledger?${range}` },
    'why not counted': { path: `pages/${page}/ledger/examples?${range}&outcome=bot` },
    'reclassification preview': { path: `pages/${page}/reclassify`, method: 'POST', body: preview },
    'metric preview': { path: `pages/${page}/metrics/preview`, method: 'POST', body: metric },
    'metric preview, from the lake': {
      path: `pages/${page}/metrics/preview`,
      method: 'POST',
      body: { ...metric, measures: { a: { of: 'visitors' } } },
    },
    'real time': { path: `pages/${page}/realtime` },
    'imported counts': { path: `pages/${page}/imported-counts` },
    'recent events': { path: `pages/${page}/recent-events` },
    'links, pages, settings, shares, keys': { path: `links?page=/${page}` },
    'clicks of links': { path: `pages/${page}/link-clicks?codes=none&${range}` },
    'a new link': { path: 'links', method: 'POST', body: { url: 'https://example.org/', page: `/${page}` } },
    'a new link, with an idempotency key': {
      path: 'links',
      method: 'POST',
      body: { url: 'https://example.org/once', page: `/${page}` },
      headers: { 'idempotency-key': 'once' },
    },
    'imports of history': { path: `imports/history?page=/${page}` },
    'a new import of history': {
      path: 'imports/history',
      method: 'POST',
      body: { page: `/${page}`, fileName: 'visits.csv', bytes: 1234, format: 'shlink-web' },
    },
    pulls: { path: `imports/pulls?page=/${page}` },
    // Its address does not exist: the pull fails at its first step, and asks no tool.
    'a new pull': {
      path: 'imports/pulls',
      method: 'POST',
      body: { tool: 'shlink', server: 'https://nowhere.invalid', page: `/${page}`, token: 'none', dryRun: true },
    },
  };
}

export async function panelAnswer(response: Response): Promise<PanelAnswer> {
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: answerSchema.parse(await response.json()),
  };
}

/** Returns a panel's state according to a response, as named in the table. */
export function stateOf({ status, body }: PanelAnswer, { part }: PanelRow): string {
  if (![200, 201, 202].includes(status)) return String(status);
  const source = body.sources[part];
  if (source) return source.stale ? 'stale' : 'shown';
  return body.errors.some((error) => error.part === part) ? 'missing' : 'shown';
}

function cells(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
