import { type Adapter, json, pixel, type SdkCall, type SdkRequest } from './adapter.ts';
import { parseIngestKey } from './ingest-key.ts';
import {
  dropped,
  type Fields,
  numberOf,
  objectOf,
  personOf,
  queryFields,
  readEach,
  type ReadItem,
  referrerOf,
  textOf,
  timeOf,
} from './values.ts';

/** matomo-tracker. An event is a query, in the address or in a batch. Events have no id. */
export const matomo: Adapter = { name: 'matomo', read };

function read({ method, path, query, body }: SdkRequest): SdkCall | undefined {
  if (path !== '/matomo.php') return undefined;
  const fields = objectOf(body);
  const { requests } = fields;
  const batch = method === 'POST' && Array.isArray(requests) ? requests.map(parametersOf) : [queryFields(query)];
  const keys = [fields, ...batch.map(objectOf)].flatMap((each) => [each['token_auth'], each['idsite']]).flatMap(keyOf);
  const response = method === 'POST' ? json({ status: 'success', tracked: batch.length, invalid: 0 }) : pixel;
  return { ...readEach(batch, (event) => readEvent(event, keys.length > 0)), keys, response };
}

function keyOf(value: unknown): string[] {
  const text = textOf(value) ?? '';
  return parseIngestKey(text) === undefined ? [] : [text];
}

/** A batch has texts: `?url=…&idsite=1`. */
function parametersOf(request: unknown): unknown {
  return typeof request === 'string' ? queryFields(new URLSearchParams(request)) : request;
}

/** The time of an event is read from those who have a key. */
function readEvent(event: Fields, trusted: boolean): ReadItem {
  const call = droppedCalls.find((name) => name in event);
  if (call !== undefined) return dropped(call);
  const common = {
    kind: 'event',
    url: textOf(event['url']),
    referrer: referrerOf(event['urlref']),
    occurredAt: trusted ? timeOfText(event['cdt']) : undefined,
    ids: { user: textOf(event['uid']), anonymous: textOf(event['cid'] ?? event['_id']) },
    person: personOf(event['cip'], event['ua'], event['lang']),
  } as const;
  if ('link' in event) return { ...common, type: 'link_click', destination: textOf(event['link']) };
  if ('download' in event)
    return { ...common, type: 'custom', name: 'download', properties: { file: event['download'] } };
  if ('e_c' in event) return { ...common, type: 'custom', name: textOf(event['e_a']) ?? '', properties: ownOf(event) };
  return { ...common, type: 'page_view', title: textOf(event['action_name']) };
}

/** A visit that goes on, goals and orders, searches on the site, and what was shown. */
const droppedCalls = ['ping', 'idgoal', 'search', 'c_n'] as const;

function ownOf({ e_c: category, e_n: name, e_v }: Fields): Fields {
  const value = numberOf(e_v);
  return {
    category,
    ...(name !== undefined && { name }),
    ...(value !== undefined && { value }),
  };
}

/** Seconds since the epoch, or `2026-11-20 10:00:00` in UTC. */
function timeOfText(value: unknown): number | undefined {
  const text = textOf(value) ?? '';
  return /^\d+$/.test(text) ? timeOf(Number(text) * 1000) : timeOf(`${text.replace(' ', 'T')}Z`);
}
