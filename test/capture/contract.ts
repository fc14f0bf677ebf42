import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventRow } from '#schemas/event.ts';
import { ingestKey, startCapture } from './edge.ts';
import { bodyOf, readRecording, type RecordedRequest, recordingNames } from './recording.ts';

/** The page's own site, with which a path that a server sends is completed. */
export const site = 'http://creator.test:18920';

export function expectedFile(name: string): string {
  return join(import.meta.dirname, 'expected', `${name}.json`);
}

/** Replays a recording below `/e/ada`, and returns what each request, other than a preflight, becomes. */
export async function replay(name: string) {
  const { requests } = readRecording(name);
  const origin = requests.map(({ headers }) => headers['origin']).find((each) => each !== undefined);
  const capture = startCapture({ origins: [origin ?? site] });
  const results = [];
  for (const request of requests) {
    const before = capture.lines.length;
    const { response, rows } = await capture.send(toSent(origin === undefined ? withKey(request) : request));
    if (request.method === 'OPTIONS') {
      results.push({ request: `OPTIONS ${request.path}`, status: response.statusCode, headers: response.headers });
      continue;
    }
    results.push({
      request: `${request.method} ${request.path} (${request.phase})`,
      status: response.statusCode,
      body: response.body ?? '',
      dropped: capture.lines.slice(before).flatMap(({ dropped }) => dropped ?? []),
      rows: rows.map(shownRow),
    });
  }
  return results;
}

/** Sets a key of the page where the recorded server had one: its events are counted only then. */
export function withKey(request: RecordedRequest): RecordedRequest {
  const { data } = request.query;
  const query = data === undefined ? request.query : { ...request.query, data: Buffer.from(data, 'base64').toString() };
  const text = JSON.stringify({ ...request, query })
    .replaceAll(
      /phc_synthetic|wk_synthetic|sec_synthetic|k:s_synthetic|tok_synthetic|key_synthetic|11111111-2222-4333-8444-555555555555/g,
      ingestKey,
    )
    .replaceAll(btoa('wk_synthetic:'), btoa(`${ingestKey}:`))
    .replaceAll('"aid":"hop"', `"aid":"${ingestKey}"`)
    .replaceAll('"idsite":"1"', `"idsite":"${ingestKey}"`)
    .replaceAll('&idsite=1&', `&idsite=${ingestKey}&`);
  return JSON.parse(text);
}

export function toSent({ method, path, query, headers, at, ...request }: RecordedRequest) {
  return {
    method,
    path: `/e/ada${path}`,
    query: new URLSearchParams(query).toString(),
    headers,
    body: bodyOf({ method, path, query, headers, at, ...request }),
    at: Date.parse(at),
  };
}

/** The columns that an SDK decides; ids and keys as whether they are there. */
export function shownRow(row: EventRow) {
  const columns = {
    event_id: String(row.event_id),
    event_type: row.event_type,
    outcome: row.outcome === row.outcome_rule ? row.outcome : `${row.outcome} ${row.outcome_rule}`,
    occurred_at: new Date(row.occurred_at).toISOString(),
    destination_url: row.destination_url,
    link_title: row.link_title,
    referrer: row.referrer_class === null ? null : [row.referrer_class, row.referrer_name, row.referrer_host].join(' '),
    utm: [row.utm_source, row.utm_medium, row.utm_campaign].join(' ').trim(),
    click_network: row.click_network,
    browser: row.browser,
    language: row.language,
    country: row.country,
    conversion: row.conversion,
    amount: row.value_minor === null ? null : `${row.value_minor} ${row.currency}`,
    keys: ['visitor_id', 'session_id', 'repeat_key', 'consented_id']
      .filter((name) => row[name as keyof EventRow] !== null)
      .join(' '),
    properties: row.properties === null ? null : JSON.parse(row.properties),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null && value !== ''));
}

/** Writes what the code does now: read every changed line before you commit it. */
if (import.meta.main) for (const name of recordingNames) writeFileSync(expectedFile(name), toText(await replay(name)));

/** One line for each request, and for each of its rows. */
function toText(results: Awaited<ReturnType<typeof replay>>): string {
  const lines = results.map(({ rows, ...result }) => {
    const text = JSON.stringify(result);
    const shown = rows?.map((row) => `\n  ${JSON.stringify(row)}`).join(',');
    return shown === undefined ? text : `${text.slice(0, -1)},"rows":[${shown}]}`;
  });
  return `[\n${lines.join(',\n')}\n]\n`;
}
