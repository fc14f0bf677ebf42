import { type Adapter, json, type SdkCall, type SdkRequest } from './adapter.ts';
import {
  dropped,
  type Fields,
  identifies,
  objectOf,
  readEach,
  type ReadItem,
  referrerOf,
  textOf,
  textsOf,
  timeOf,
  without,
} from './values.ts';
import { formatAmount, readCurrency } from '#core/money.ts';

/** @openpanel/web and @openpanel/sdk. Their events have no id, and a retry is an event again. */
export const openpanel: Adapter = { name: 'openpanel', read };

/** Mixpanel sends to the same path, but not this header. */
function read({ method, path, body, authorization, clientId }: SdkRequest): SdkCall | undefined {
  if (method !== 'POST' || path !== '/track' || clientId === undefined) return undefined;
  return { ...readEach([body], readEvent), keys: textsOf(authorization), response: json({}, 202) };
}

function readEvent({ type, payload }: Fields): ReadItem {
  const fields = objectOf(payload);
  const user = textOf(fields['profileId']);
  if (type === 'alias')
    return identifies(type, { kind: 'event', person: {} }, { user, anonymous: textOf(fields['alias']) });
  if (type !== 'track') return dropped(textOf(type) ?? 'without type');
  const properties = objectOf(fields['properties']);
  const name = textOf(fields['name']) ?? '';
  const common = {
    kind: 'event',
    url: textOf(properties['__path']),
    referrer: referrerOf(properties['__referrer']),
    title: textOf(properties['__title']),
    occurredAt: timeOf(properties['__timestamp']),
    ids: { user },
    person: {},
  } as const;
  const own = { ...without(properties, (key) => added.test(key)), ...revenueOf(properties) };
  switch (name) {
    case 'screen_view':
      return { ...common, type: 'page_view', properties: own };
    case 'link_out': {
      const { href, text, ...others } = own;
      return { ...common, type: 'link_click', destination: textOf(href), title: textOf(text), properties: others };
    }
    default:
      return { ...common, type: 'custom', name, properties: own };
  }
}

/** `revenue()` takes cents. */
function revenueOf({ __revenue: minor, currency }: Fields): Fields {
  const code = readCurrency(currency);
  if (typeof minor !== 'number' || !Number.isSafeInteger(minor) || code === undefined) return {};
  return { revenue: formatAmount({ minor, currency: code }) };
}

/** The SDK's own properties that are columns, or that identify a device. `__revenue` is the caller's. */
const added = /^__(path|referrer|title|timestamp|deviceId)$/;
