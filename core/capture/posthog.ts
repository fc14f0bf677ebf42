import { type Adapter, answer, type CapturedEvent, json, plain, type SdkCall, type SdkRequest } from './adapter.ts';
import {
  dropped,
  type Fields,
  firstText,
  identifies,
  isCampaignCopy,
  isObject,
  objectOf,
  personOf,
  readEach,
  type ReadItem,
  referrerOf,
  textOf,
  textsOf,
  timeOf,
  without,
} from './values.ts';

/** posthog-js and posthog-node. */
export const posthog: Adapter = { name: 'posthog', splits: true, read };

function read(request: SdkRequest): SdkCall | undefined {
  const { method, path } = request;
  if (method === 'POST' && eventPaths.has(path)) return readEvents(request.body);
  if (flagPaths.has(path)) return answer(flags, ['flags']);
  if (method === 'POST' && path === '/s/') return answer(json({ status: 'Ok' }), ['session recording']);
  if (method !== 'GET') return undefined;
  // Without the script, the SDK asks for the same settings as JSON.
  if (/^\/array\/[^/]+\/config\.js$/.test(path)) return answer(plain('', 404));
  if (/^\/array\/[^/]+\/config$/.test(path)) return answer(settings);
  if (/^\/static\/.+\.js$/.test(path)) return answer({ status: 200, contentType: 'text/javascript', body: '' });
  return undefined;
}

const eventPaths: ReadonlySet<string> = new Set(['/e/', '/i/v0/e/', '/batch/', '/capture/']);
const flagPaths: ReadonlySet<string> = new Set(['/flags/', '/decide/']);

const flags = json({ flags: {}, featureFlags: {}, featureFlagPayloads: {}, errorsWhileComputingFlags: false });

/** Outbound clicks come from autocapture, and only gzip needs no preflight. */
const settings = json({
  supportedCompression: ['gzip', 'gzip-js'],
  hasFeatureFlags: false,
  sessionRecording: false,
  surveys: false,
  heatmaps: false,
  autocapture_opt_out: false,
});

/** A batch, an array of events, or one event. */
function readEvents(body: unknown): SdkCall {
  const fields = objectOf(body);
  const batch = Array.isArray(body) ? body : Array.isArray(fields['batch']) ? fields['batch'] : [body];
  const sentAt = timeOf(fields['sent_at']);
  const read = readEach(batch, (event) => readEvent(event, sentAt));
  const first = batch.find(isObject);
  const keys = [fields['api_key'], fields['token'], first?.['api_key'], objectOf(first?.['properties'])['token']];
  return { ...read, keys: textsOf(...keys), response: json({ status: 'Ok' }) };
}

function readEvent(event: Fields, sentAt: number | undefined): ReadItem {
  const properties = objectOf(event['properties']);
  const name = textOf(event['event']) ?? '';
  const common = commonOf(event, properties, sentAt);
  switch (name) {
    case '$pageview':
      return { ...common, type: 'page_view', title: textOf(properties['title']) };
    case '$screen': {
      const screen = textOf(properties['$screen_name']);
      return { ...common, type: 'page_view', title: screen, properties: { screen } };
    }
    case '$autocapture':
      return readClick(properties, common);
    case '$identify':
      return identifies(name, common, { ...common.ids, anonymous: textOf(properties['$anon_distinct_id']) });
    case '$create_alias':
      return identifies(name, common, { ...common.ids, anonymous: textOf(properties['alias']) });
    default:
      // Names that begin with `$` are the SDK's own.
      return name.startsWith('$') ? dropped(name) : { ...common, type: 'custom', name, properties: ownOf(properties) };
  }
}

function commonOf(event: Fields, properties: Fields, sentAt: number | undefined): Omit<CapturedEvent, 'type'> {
  return {
    kind: 'event',
    id: firstText(event['uuid'], properties['$insert_id']),
    url: textOf(properties['$current_url']),
    referrer: referrerOf(properties['$referrer']),
    occurredAt: timeOf(event['timestamp']),
    sentAt,
    session: textOf(properties['$session_id']),
    ids: idsOf(textOf(event['distinct_id']) ?? textOf(properties['distinct_id']), properties),
    person: personOf(
      properties['$ip'],
      firstText(properties['$raw_user_agent'], properties['$useragent']),
      properties['$browser_language'],
    ),
  };
}

/** The SDK for browsers says whether the person is known; servers name those they know. */
function idsOf(id: string | undefined, properties: Fields): CapturedEvent['ids'] {
  const known = properties['$is_identified'] ?? properties['$process_person_profile'] !== false;
  return known === true ? { user: id, anonymous: textOf(properties['$device_id']) } : { anonymous: id };
}

/** Of clicks, only those that leave the site are events: the others hold texts of the page. */
function readClick(properties: Fields, common: Omit<CapturedEvent, 'type'>): ReadItem {
  const destination = textOf(properties['$external_click_url']);
  if (properties['$event_type'] !== 'click' || destination === undefined) return dropped('$autocapture');
  return { ...common, type: 'link_click', destination, title: textOf(properties['$el_text']) };
}

/** Properties that the caller set. The SDK adds its own with `$`, and repeats the campaign of the visit on every event. */
function ownOf(properties: Fields): Fields {
  return without(
    properties,
    (name) => name.startsWith('$') || name === 'token' || name === 'distinct_id' || isCampaignCopy(name),
  );
}
