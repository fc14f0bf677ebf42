import { type Adapter, json, type SdkCall, type SdkRequest } from './adapter.ts';
import {
  dropped,
  type Fields,
  objectOf,
  personOf,
  readEach,
  type ReadItem,
  referrerOf,
  textOf,
  textsOf,
  timeOf,
} from './values.ts';

/** Umami's script and @umami/node. Their events have no id. */
export const umami: Adapter = { name: 'umami', read };

function read({ method, path, body }: SdkRequest): SdkCall | undefined {
  if (method !== 'POST' || path !== '/api/send') return undefined;
  const website = objectOf(objectOf(body)['payload'])['website'];
  return { ...readEach([body], readEvent), keys: textsOf(website), response: json({}) };
}

function readEvent({ type, payload }: Fields): ReadItem {
  if (type !== 'event') return dropped(textOf(type) ?? 'without type');
  const fields = objectOf(payload);
  const name = textOf(fields['name']);
  const seconds = fields['timestamp'];
  const common = {
    kind: 'event',
    url: addressOf(fields),
    referrer: referrerOf(fields['referrer']),
    title: titleOf(fields['title']),
    properties: objectOf(fields['data']),
    occurredAt: typeof seconds === 'number' ? timeOf(seconds * 1000) : undefined,
    ids: { user: textOf(fields['id']) },
    person: personOf(fields['ip'], fields['userAgent'], fields['language']),
  } as const;
  return name === undefined ? { ...common, type: 'page_view' } : { ...common, type: 'custom', name };
}

/** Older scripts encode the title, and Umami decodes every one. */
function titleOf(given: unknown): string | undefined {
  const title = textOf(given);
  try {
    return title && decodeURIComponent(title);
  } catch {
    return title;
  }
}

/** The Node SDK sends a path and the host apart. */
function addressOf({ url, hostname }: Fields): string | undefined {
  const host = textOf(hostname);
  const given = textOf(url);
  if (given === undefined || host === undefined || URL.canParse(given)) return given;
  return URL.parse(given, `https://${host}`)?.href ?? given;
}
