import { json, type SdkCall, type SdkRequest } from './adapter.ts';
import {
  dropped,
  type Fields,
  firstText,
  identifies,
  objectOf,
  personOf,
  readEach,
  type ReadItem,
  referrerOf,
  textOf,
  textsOf,
  timeOf,
} from './values.ts';

/** Reads the calls of Segment's protocol: one, or a `batch`. */
export function readCalls({ body, authorization }: SdkRequest, type: string | undefined): SdkCall {
  const fields = objectOf(body);
  const batch = Array.isArray(fields['batch']) ? fields['batch'] : [body];
  const read = readEach(batch, (call) => readCall(call, type, timeOf(fields['sentAt'])));
  const keys = textsOf(authorization, fields['writeKey']);
  return { ...read, keys, response: json({ success: true }) };
}

/** Properties of a page that are columns, or that hold the query of its address. */
const pageProperties: ReadonlySet<string> = new Set([
  'url',
  'path',
  'search',
  'hash',
  'title',
  'referrer',
  'referring_domain',
  'tab_url',
  'name',
  'initial_referrer',
  'initial_referring_domain',
]);

function readCall(call: Fields, fallback: string | undefined, sentAt: number | undefined): ReadItem {
  const type = firstText(call['type'], fallback) ?? 'without type';
  const properties = objectOf(call['properties']);
  const page = objectOf(objectOf(call['context'])['page']);
  const common = commonOf(call, page, sentAt);
  switch (type) {
    case 'page':
      return {
        ...common,
        type: 'page_view',
        url: firstText(properties['url'], page['url']),
        referrer: referrerOf(properties['referrer'] ?? page['referrer']),
        title: firstText(properties['title'], page['title'], call['name']),
        properties: ownOf(properties),
      };
    case 'screen':
      return {
        ...common,
        type: 'page_view',
        title: textOf(call['name']),
        properties: { screen: call['name'], ...properties },
      };
    case 'track':
      return { ...common, type: 'custom', name: textOf(call['event']) ?? '', properties };
    case 'identify':
      return identifies(type, common, common.ids);
    case 'alias':
      return identifies(type, common, { ...common.ids, anonymous: textOf(call['previousId']) });
    default:
      return dropped(type);
  }
}

function commonOf(call: Fields, page: Fields, sentAt: number | undefined) {
  const context = objectOf(call['context']);
  return {
    kind: 'event' as const,
    id: textOf(call['messageId']),
    url: textOf(page['url']),
    referrer: referrerOf(page['referrer']),
    // RudderStack's `timestamp` is corrected by its server, `originalTimestamp` is the client's.
    occurredAt: timeOf(call['originalTimestamp']) ?? timeOf(call['timestamp']),
    sentAt: timeOf(call['sentAt']) ?? sentAt,
    session: textOf(context['sessionId']),
    ids: { user: textOf(call['userId']), anonymous: textOf(call['anonymousId']) },
    person: personOf(context['ip'], context['userAgent'], context['locale']),
  };
}

function ownOf(properties: Fields): Fields {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !pageProperties.has(name)));
}
