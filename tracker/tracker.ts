/**
 * The tracker, `/t.js`: page views (also of single-page applications), outbound clicks and custom events.
 *
 * ```html
 * <script>window.hopcount = window.hopcount || function () { (hopcount.q = hopcount.q || []).push(arguments) }</script>
 * <script defer src="https://go.example/t.js" data-page="/ada"></script>
 * ```
 * `hopcount('signup', { plan: 'pro' })` sends a custom event. On pages that opted in, `hopcount('consent', id)` adds a
 * first-party id to all later events; `hopcount('consent', null)` removes it. The tracker sets no cookies. Visitors
 * with a privacy signal (GPC, DNT) are counted without session or id.
 */
import type { CollectEvent } from '#schemas/collect-event.ts';

type Properties = NonNullable<CollectEvent['properties']>;
type Call = [name: string, detail?: Properties | string | null];
interface Hopcount {
  (...call: Call): void;
  q?: ArrayLike<Call[number]>[];
}
declare global {
  interface Window {
    hopcount?: Hopcount;
  }
  interface Navigator {
    globalPrivacyControl?: boolean;
  }
  interface Document {
    prerendering?: boolean;
  }
}

if (document.currentScript instanceof HTMLScriptElement) start(document.currentScript);

function start(script: HTMLScriptElement): void {
  const page = script.dataset['page'] ?? '';
  const { origin } = new URL(script.src);
  const endpoint = `${origin}/e?p=${encodeURIComponent(page)}`;
  const privacy = navigator.globalPrivacyControl === true || navigator.doNotTrack === '1';
  let consentedId: string | null = null;
  let place = '';
  let referrer = document.referrer;

  function newSession() {
    return crypto.getRandomValues(new Uint32Array(3)).join('');
  }
  const session = ((): string | null => {
    if (privacy) return null;
    try {
      return (sessionStorage['hopcount'] ||= newSession());
    } catch {
      // Storage is disabled: the event has no session.
      return null;
    }
  })();

  function send(type: CollectEvent['type'], rest: Partial<CollectEvent>): void {
    const event: CollectEvent = { page, type, url: location.href, referrer, session, consentedId, privacy, ...rest };
    const body = JSON.stringify(event);
    if (!navigator.sendBeacon?.(endpoint, body))
      fetch(endpoint, { method: 'POST', body, keepalive: true, mode: 'no-cors' }).catch(() => {});
  }

  function view(): void {
    place = location.pathname + location.search;
    send('page_view', { title: document.title });
    referrer = location.href;
  }

  function moved(): void {
    // Applications set the title after pushing the state.
    setTimeout(() => place !== location.pathname + location.search && view());
  }

  function clicked({ target, button }: MouseEvent): void {
    const anchor = button < 2 && target instanceof Element && target.closest<HTMLAnchorElement>('a[href]');
    // Short links are counted by the redirect.
    if (!anchor || !anchor.protocol.startsWith('http') || [location.origin, origin].includes(anchor.origin)) return;
    send('link_click', { destination: anchor.href, title: anchor.textContent.trim().slice(0, 300) });
  }

  const hopcount: Hopcount = (name, detail) => {
    if (name === 'consent') consentedId = !privacy && typeof detail === 'string' ? detail : null;
    else send('custom', { name, properties: typeof detail === 'object' ? detail : null });
  };

  const queued = window.hopcount?.q ?? [];
  window.hopcount = hopcount;
  // Before the first view, so that a queued consent applies to it.
  for (const [name, detail] of Array.from(queued, (call) => Array.from(call))) {
    if (typeof name === 'string') hopcount(name, detail);
  }
  const pushState = history.pushState.bind(history);
  history.pushState = (...state) => {
    pushState(...state);
    moved();
  };
  addEventListener('popstate', moved);
  addEventListener('pageshow', ({ persisted }) => persisted && view());
  addEventListener('click', clicked, true);
  addEventListener('auxclick', clicked, true);
  if (document.prerendering) document.addEventListener('prerenderingchange', view, { once: true });
  else view();
}
