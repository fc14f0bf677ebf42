import { type Adapter, plain, type SdkCall, type SdkRequest } from './adapter.ts';
import { dropped, type Fields, fieldsOfText, objectOf, readEach, type ReadItem, referrerOf, textOf } from './values.ts';

/** @plausible-analytics/tracker, plausible-tracker and Plausible's script. Their events have no id, time or session. */
export const plausible: Adapter = { name: 'plausible', read };

function read({ method, path, body }: SdkRequest): SdkCall | undefined {
  if (method !== 'POST' || path !== '/api/event') return undefined;
  return { ...readEach([body], readEvent), keys: [], response: plain('ok', 202) };
}

/** Plausible's script sends short names of fields, its API takes long ones. */
function readEvent(event: Fields): ReadItem {
  const name = textOf(event['n'] ?? event['name']) ?? '';
  const properties = propertiesOf(event['p'] ?? event['props'] ?? event['m'] ?? event['meta']);
  const common = {
    kind: 'event',
    url: textOf(event['u'] ?? event['url']),
    referrer: referrerOf(event['r'] ?? event['referrer'] ?? null),
    person: {},
  } as const;
  switch (name) {
    case 'pageview':
      return { ...common, type: 'page_view', properties };
    case 'engagement':
      return dropped(name);
    case 'Outbound Link: Click': {
      const { url, ...others } = properties;
      return { ...common, type: 'link_click', destination: textOf(url), properties: others };
    }
    default:
      return {
        ...common,
        type: 'custom',
        name,
        properties: { ...properties, ...revenueOf(event['$'] ?? event['revenue']) },
      };
  }
}

/** Revenue is apart from the properties, in the API also as JSON text. */
function revenueOf(given: unknown): Fields {
  const { amount, currency } = typeof given === 'string' ? (fieldsOfText(given) ?? {}) : objectOf(given);
  return amount === undefined ? {} : { revenue: amount, currency };
}

/** plausible-tracker sends them as JSON text. */
function propertiesOf(given: unknown): Fields {
  return typeof given === 'string' ? (fieldsOfText(given) ?? { p: given }) : objectOf(given);
}
