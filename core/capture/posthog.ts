import { type Adapter, answer, type CapturedEvent, json, plain, type SdkCall, type SdkRequest } from './adapter.ts';
import {
  type Fields,
  firstText,
  isCampaignCopy,
  isObject,
  objectOf,
  personOf,
  readEach,
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
  const { events, dropped } = readEach(batch, (event) => readEvent(event, sentAt));
  const first = batch.find(isObject);
  const keys = [fields['api_key'], fields['token'], first?.['api_key'], objectOf(first?.['properties'])['token']];
  return { events, dropped, keys: textsOf(...keys), response: json({ status: 'Ok' }) };
}

function readEvent(event: Fields, sentAt: number | undefined): CapturedEvent | { dropped: string } {
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
    default:
      // Names that begin with `$` are the SDK's own.
      return name.startsWith('$')
        ? { dropped: name }
        : { ...common, type: 'custom', name, properties: ownOf(properties) };
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
    person: personOf(
      properties['$ip'],
      firstText(properties['$raw_user_agent'], properties['$useragent']),
      properties['$browser_language'],
    ),
  };
}

/** Of clicks, only those that leave the site are events: the others hold texts of the page. */
function readClick(properties: Fields, common: Omit<CapturedEvent, 'type'>): CapturedEvent | { dropped: string } {
  const destination = textOf(properties['$external_click_url']);
  if (properties['$event_type'] !== 'click' || destination === undefined) return { dropped: '$autocapture' };
  return { ...common, type: 'link_click', destination, title: textOf(properties['$el_text']) };
}

/** Properties that the caller set. The SDK adds its own with `$`, and repeats the campaign of the visit on every event. */
function ownOf(properties: Fields): Fields {
  return without(
    properties,
    (name) => name.startsWith('$') || name === 'token' || name === 'distinct_id' || isCampaignCopy(name),
  );
}
