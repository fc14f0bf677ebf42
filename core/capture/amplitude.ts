import { type Adapter, type CapturedEvent, json, type SdkCall, type SdkRequest } from './adapter.ts';
import {
  dropped,
  type Fields,
  firstText,
  identifies,
  isCampaignCopy,
  isOutbound,
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

/** @amplitude/analytics-browser and @amplitude/analytics-node. They send again unless the response has `code`. */
export const amplitude: Adapter = { name: 'amplitude', read };

function read({ method, path, body }: SdkRequest): SdkCall | undefined {
  if (method !== 'POST' || path !== '/2/httpapi') return undefined;
  const fields = objectOf(body);
  const batch = Array.isArray(fields['events']) ? fields['events'] : [body];
  const sentAt = timeOf(fields['client_upload_time']);
  const response = json({ code: 200, events_ingested: batch.length });
  return { ...readEach(batch, (event) => readEvent(event, sentAt)), keys: textsOf(fields['api_key']), response };
}

const own = '[Amplitude] ';

function readEvent(event: Fields, sentAt: number | undefined): ReadItem {
  const properties = objectOf(event['event_properties']);
  const name = textOf(event['event_type']) ?? '';
  const common = commonOf(event, properties, sentAt);
  switch (name) {
    case `${own}Page Viewed`:
      return { ...common, type: 'page_view', title: textOf(properties[`${own}Page Title`]) };
    case `${own}Element Clicked`: {
      const destination = textOf(properties[`${own}Element Href`]);
      if (!isOutbound(destination, common.url)) return dropped(name);
      return { ...common, type: 'link_click', destination, title: textOf(properties[`${own}Element Text`]) };
    }
    case `${own}File Downloaded`: {
      const file = properties[`${own}File Name`];
      return { ...common, type: 'custom', name, properties: { file } };
    }
    case '$identify':
      return identifies(name, common, { ...common.ids });
    default:
      // Among them are its own requests that failed: to take them would make more of them.
      return name.startsWith('$') || name.startsWith(own) || /^session_(start|end)$/.test(name)
        ? dropped(name)
        : {
            ...common,
            type: 'custom',
            name,
            properties: { ...without(properties, isAdded), ...revenueOf(properties) },
          };
  }
}

function commonOf(event: Fields, properties: Fields, sentAt: number | undefined): Omit<CapturedEvent, 'type'> {
  const session = event['session_id'];
  const previous = firstText(properties[`${own}Previous Page Location`], properties['referrer']);
  return {
    kind: 'event',
    id: textOf(event['insert_id']),
    url: textOf(properties[`${own}Page Location`]),
    referrer: referrerOf(previous ?? (event['platform'] === 'Web' ? null : undefined)),
    occurredAt: timeOf(event['time']),
    sentAt,
    session: session === -1 ? undefined : textOf(session),
    ids: { user: textOf(event['user_id']), anonymous: textOf(event['device_id']) },
    person: personOf(event['ip'], event['user_agent'], event['language']),
  };
}

/** `logRevenue` sends an amount, or a price and a quantity. */
function revenueOf({ $revenue, $price, $quantity = 1, $currency: currency }: Fields): Fields {
  const amount =
    $revenue ?? (typeof $price === 'number' && typeof $quantity === 'number' ? $price * $quantity : undefined);
  return amount === undefined ? {} : { revenue: amount, currency };
}

function isAdded(name: string): boolean {
  return name.startsWith(own) || name === 'referrer' || name === 'referring_domain' || isCampaignCopy(name);
}
