import { type Adapter, answer, type CapturedEvent, json, plain, type SdkCall, type SdkRequest } from './adapter.ts';
import { decodeData } from './decode-body.ts';
import {
  dropped,
  type Fields,
  firstText,
  identifies,
  isCampaignCopy,
  isObject,
  isOutbound,
  objectOf,
  readEach,
  type ReadItem,
  referrerOf,
  textOf,
  textsOf,
  timeOf,
  unreadable,
  without,
} from './values.ts';

/** mixpanel-browser and mixpanel for Node.js, which sends an event in the query. */
export const mixpanel: Adapter = { name: 'mixpanel', read };

function read({ method, path, query, body }: SdkRequest): SdkCall | undefined {
  const [, call] = /^\/(track|engage|groups)\/?$/.exec(path) ?? [];
  if (call === undefined) return undefined;
  const response = query.get('verbose') === '1' ? json({ status: 1, error: null }) : plain('1');
  if (call !== 'track') return answer(response, [call]);
  const given = method === 'GET' ? decodeData(query.get('data') ?? '') : ({ kind: 'json', json: body } as const);
  if (given.kind !== 'json') {
    const shown = given.kind === 'unreadable' ? given.value : given.problem;
    return { ...answer(response), events: [unreadable('body', shown, 'JSON, or base64 of it')] };
  }
  const batch = Array.isArray(given.json) ? given.json : [given.json];
  const sentAt = timeOf(Number(query.get('_') ?? Number.NaN));
  const key = objectOf(batch.find(isObject)?.['properties'])['token'];
  return { ...readEach(batch, (event) => readEvent(event, sentAt)), keys: textsOf(key), response };
}

function readEvent(event: Fields, sentAt: number | undefined): ReadItem {
  const properties = objectOf(event['properties']);
  const name = textOf(event['event']) ?? '';
  const url = textOf(properties['$current_url']);
  const common = {
    kind: 'event',
    id: textOf(properties['$insert_id']),
    url,
    referrer: referrerOf(properties['$referrer'] ?? (properties['mp_lib'] === 'web' ? null : undefined)),
    occurredAt: timeOf(milliseconds(properties['time'])),
    sentAt,
    ids: idsOf(properties),
    person: {
      address: firstText(properties['ip'], properties['$ip']),
      userAgent: textOf(properties['$user_agent']),
    },
  } as const;
  if (name === '$mp_web_page_view')
    return { ...common, type: 'page_view', title: textOf(properties['current_page_title']) };
  const href = textOf(properties['$el_attr__href']);
  if (name === '$mp_click' && isOutbound(href, url))
    return { ...common, type: 'link_click', destination: href, title: textOf(properties['$el_text']) };
  if (name === '$identify')
    return identifies(name, common, { ...common.ids, anonymous: withoutPrefix(properties['$anon_distinct_id']) });
  // In browsers, `$identify` follows it and says the opposite.
  if (name === '$create_alias' && properties['mp_lib'] !== 'web')
    return identifies(name, common, { ...common.ids, anonymous: withoutPrefix(properties['alias']) });
  // Names that begin with `$` are the SDK's own.
  return name.startsWith('$')
    ? dropped(name)
    : { ...common, type: 'custom', name, properties: without(properties, isAdded) };
}

/** Before a person is known, their id is `$device:` and the id of the device. */
function idsOf(properties: Fields): CapturedEvent['ids'] {
  const id = textOf(properties['distinct_id']);
  const anonymous = textOf(properties['$device_id']);
  return { user: textOf(properties['$user_id']) ?? (id?.startsWith(device) === true ? undefined : id), anonymous };
}

const device = '$device:';

function withoutPrefix(id: unknown): string | undefined {
  return textOf(id)?.replace(device, '');
}

/** Seconds, with a fraction in browsers, or milliseconds. */
function milliseconds(time: unknown): unknown {
  return typeof time === 'number' && time < 1e11 ? Math.round(time * 1000) : time;
}

function isAdded(name: string): boolean {
  return /^(\$|mp_|(token|distinct_id|time|ip)$)/.test(name) || isCampaignCopy(name);
}
