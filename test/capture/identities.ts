import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashPersonId } from '#core/visitors/person-id.ts';
import type { Page } from '#schemas/catalog.ts';
import type { EventRow } from '#schemas/event.ts';
import { site, toSent, withKey } from './contract.ts';
import { startCapture } from './edge.ts';
import { readRecording, recordingNames } from './recording.ts';

export const identitySecret = 'c'.repeat(43);

export const identitiesFile = join(import.meta.dirname, 'expected-identities.json');

/** Replays a recording on a page that keeps some ids, and returns its rows, and all that was queued and logged as text. */
export async function replayWith(name: string, page: Partial<Page>, headers: Record<string, string> = {}) {
  const { requests } = readRecording(name);
  const origin = requests.map((request) => request.headers['origin']).find((each) => each !== undefined);
  const capture = startCapture({ origins: [origin ?? site], identitySecret, ...page });
  const rows: EventRow[] = [];
  const messages: unknown[] = [];
  for (const request of requests) {
    const sent = toSent(origin === undefined ? withKey(request) : request);
    const result = await capture.send({ ...sent, headers: { ...sent.headers, ...headers } });
    rows.push(...result.rows);
    messages.push(result.messages);
  }
  return { rows, written: JSON.stringify([messages, capture.lines]) };
}

/** The ids in a recording. */
export function idsIn(name: string): Set<string> {
  const found = new Set<string>();
  function walk(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (idFields.has(key) && typeof each === 'string' && each !== '') found.add(each.replace('$device:', ''));
      walk(each);
    }
  }
  for (const { body, query } of readRecording(name).requests) {
    walk(body);
    walk(query);
    if (query['data'] !== undefined) walk(JSON.parse(Buffer.from(query['data'], 'base64').toString()));
  }
  return found;
}

const idFields: ReadonlySet<string> = new Set([
  'alias',
  'anonymousId',
  '$anon_distinct_id',
  '$device_id',
  'device_id',
  'distinct_id',
  'duid',
  'id',
  'previousId',
  'profileId',
  'uid',
  'userId',
  'user_id',
  '$user_id',
]);

/** Whose the rows of a recording are: `counted 3: user-1 (before: device)`, for each setting that keeps ids. */
export async function identitiesOf(name: string): Promise<Record<string, string[]>> {
  const names = new Map(
    [...idsIn(name)].map((id) => [hashPersonId({ path: '/ada', identitySecret }, id), shownId(id)]),
  );
  function shown(hash: string | null): string {
    return hash === null ? 'nobody' : (names.get(hash) ?? 'somebody else');
  }
  const summaries: Record<string, string[]> = {};
  for (const identities of ['identified', 'all'] as const) {
    const { rows } = await replayWith(name, { identities });
    const counts = new Map<string, number>();
    for (const { outcome, consented_id, anonymous_id } of rows) {
      const before = anonymous_id === null ? '' : ` (before: ${shown(anonymous_id)})`;
      const text = `${outcome}: ${shown(consented_id)}${before}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    summaries[identities] = [...counts].map(([text, count]) => `${count} ${text}`);
  }
  return summaries;
}

/** Ids of devices are random. */
function shownId(id: string): string {
  return /^[\da-f]{8}-[\da-f]{4}-/.test(id) ? 'a device' : id;
}

/** Writes what the code does now: read every changed line before you commit it. */
if (import.meta.main) {
  const all: Record<string, unknown> = {};
  for (const name of recordingNames) all[name] = await identitiesOf(name);
  writeFileSync(identitiesFile, `${JSON.stringify(all, null, 1)}\n`);
}
