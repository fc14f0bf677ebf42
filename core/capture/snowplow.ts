import { type Adapter, type CapturedEvent, plain, type SdkCall, type SdkRequest } from './adapter.ts';
import {
  dropped,
  type Fields,
  fieldsOfText,
  isObject,
  numberOf,
  objectOf,
  personOf,
  readEach,
  type ReadItem,
  referrerOf,
  textOf,
  textsOf,
  timeOf,
  unreadable,
} from './values.ts';

/** @snowplow/browser-tracker and @snowplow/node-tracker. All values are texts, and events of a schema are JSON in a text. */
export const snowplow: Adapter = { name: 'snowplow', read };

function read({ method, path, body }: SdkRequest): SdkCall | undefined {
  if (method !== 'POST' || path !== '/com.snowplowanalytics.snowplow/tp2') return undefined;
  const { data } = objectOf(body);
  const batch = Array.isArray(data) ? data : [body];
  const key = batch.find(isObject)?.['aid'];
  return { ...readEach(batch, readEvent), keys: textsOf(key), response: plain('ok') };
}

function readEvent(event: Fields): ReadItem {
  const common = commonOf(event);
  switch (event['e']) {
    case 'pv':
      return { ...common, type: 'page_view', title: textOf(event['page']) };
    case 'se':
      return { ...common, type: 'custom', name: textOf(event['se_ac']) ?? '', properties: structuredOf(event) };
    case 'ue':
      return readSelfDescribing(event, common);
    default:
      return dropped(textOf(event['e']) ?? 'without type');
  }
}

function commonOf(event: Fields): Omit<CapturedEvent, 'type'> {
  return {
    kind: 'event',
    id: textOf(event['eid']),
    url: textOf(event['url']),
    referrer: referrerOf(event['refr'] ?? (event['p'] === 'web' ? null : undefined)),
    // `ttm` is the time that the caller gave, `dtm` that of the device.
    occurredAt: timeOfText(event['ttm'] ?? event['dtm']),
    sentAt: timeOfText(event['stm']),
    session: textOf(event['sid']),
    ids: { user: textOf(event['uid']), anonymous: textOf(event['duid']) },
    person: personOf(event['ip'], event['ua'], event['lang']),
  };
}

function timeOfText(value: unknown): number | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : timeOf(Number(text));
}

function structuredOf({ se_ca: category, se_la: label, se_pr: property, se_va }: Fields): Fields {
  const value = numberOf(se_va);
  return {
    ...(category !== undefined && { category }),
    ...(label !== undefined && { label }),
    ...(property !== undefined && { property }),
    ...(value !== undefined && { value }),
  };
}

/** The name is that of the schema: `signup` of `iglu:com.acme/signup/jsonschema/1-0-0`. */
function readSelfDescribing(event: Fields, common: Omit<CapturedEvent, 'type'>): ReadItem {
  const encoded = textOf(event['ue_px']);
  const text = encoded === undefined ? event['ue_pr'] : Buffer.from(encoded, 'base64url').toString('utf8');
  const outer = fieldsOfText(text);
  if (outer === undefined) return unreadable('properties', text, 'JSON of an event and its schema');
  const { schema, data } = objectOf(outer['data']);
  const name = /^iglu:[^/]+\/([^/]+)\//.exec(textOf(schema) ?? '')?.[1] ?? '';
  const properties = objectOf(data);
  if (name === 'link_click') {
    const title = textOf(properties['elementContent']);
    return { ...common, type: 'link_click', destination: textOf(properties['targetUrl']), title };
  }
  // They hold what people typed.
  if (/^(focus|change|submit)_form$/.test(name)) return dropped(name);
  return { ...common, type: 'custom', name, properties };
}
