import { type Adapter, answer, type CapturedEvent, pixel, type SdkCall, type SdkRequest } from './adapter.ts';
import { queryFields, referrerOf, textOf } from './values.ts';

/** GoatCounter's count.js. Its events have no id, time or session. */
export const goatcounter: Adapter = { name: 'goatcounter', read };

function read({ path, query }: SdkRequest): SdkCall | undefined {
  if (path !== '/count') return undefined;
  return { ...answer(pixel), events: [readEvent(query)] };
}

/** Of an event, `p` is the name, and the address is not sent. */
function readEvent(query: URLSearchParams): CapturedEvent {
  const { p, q, r, t, e } = queryFields(query);
  const name = textOf(p) ?? '';
  const common = { kind: 'event', referrer: referrerOf(r ?? null), title: textOf(t), person: {} } as const;
  if (e === 'true') return { ...common, type: 'custom', name };
  return { ...common, type: 'page_view', url: addressOf(name, textOf(q) ?? '') };
}

/** A path without its slash, and one whose query is in `q` because the site names a canonical address. */
function addressOf(path: string, search: string): string {
  if (URL.canParse(path)) return path;
  const rooted = path.replace(/^\/*/, '/');
  return rooted.includes('?') ? rooted : rooted + search;
}
