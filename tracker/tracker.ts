/**
 * The tracker, `/t.js`: page views (also of single-page applications), outbound clicks and custom events.
 *
 * ```html
 * <script>window.hopcount = window.hopcount || function () { (hopcount.q = hopcount.q || []).push(arguments) }</script>
 * <script defer src="https://go.example/t.js" data-page="/ada"></script>
 * ```
 * `hopcount('signup', { plan: 'pro' })` sends a custom event. On pages that opted in, `hopcount('consent', id)` adds a
 * first-party id to all later events; `hopcount('consent', null)` removes it. The tracker stores nothing on the device.
 * docs/tracker.md describes its settings, what counts as a view, and when an event is given up.
 */
import type { CollectEvent } from '#schemas/collect-event.ts';
import { createSender } from './sender.ts';

type Properties = NonNullable<CollectEvent['properties']>;
type Call = [name: string, detail?: Properties | string | null];
interface Hopcount {
  (...call: Call): void;
  q?: Iterable<Call[number]>[];
  /** Set by the first tracker of a document; another one does nothing. */
  on?: boolean;
}
type Setting = 'page' | 'hash' | 'forms';
declare global {
  interface Window {
    hopcount?: Hopcount;
    /** Settings of a page whose script tag cannot have attributes, or that imports the script from `src`. */
    hopcountTag?: Partial<Record<Setting | 'src', string>>;
  }
  interface Navigator {
    globalPrivacyControl?: boolean;
  }
  interface Document {
    prerendering?: boolean;
  }
}

if (!window.hopcount?.on) start();

function start(): void {
  // A module has no `currentScript`.
  const script = document.currentScript ?? document.querySelector('script[src*="/t.js"]');
  const tag = window.hopcountTag ?? {};
  const src = script?.getAttribute('src') ?? tag.src;
  const address = new URL(src ?? '', document.baseURI);
  function setting(name: Setting): string | undefined {
    return script?.getAttribute(`data-${name}`) ?? address.searchParams.get(name) ?? tag[name];
  }
  const page = setting('page');
  if (!page || !src) return warn('data-page is missing: nothing is counted');

  const waiting = window.hopcount?.q ?? [];
  let handle: ((...call: Call[number][]) => void) | undefined;
  const hopcount: Hopcount = (...call) => {
    if (handle) handle(...call);
    else waiting.push(call);
  };
  hopcount.on = true;
  window.hopcount = hopcount;
  const options = { page, origin: address.origin, setting };
  function begin(): void {
    handle = track(options, waiting);
  }
  // Until a prerendered page is shown, calls only wait.
  if (document.prerendering) document.addEventListener('prerenderingchange', begin, { once: true });
  else begin();
}

let warned = false;

/** A misconfiguration is reported once, not for every event. */
function warn(message: string): void {
  if (!warned) console.warn(`Hopcount: ${message}`);
  warned = true;
}

interface Options {
  page: string;
  /** Of the stack: clicks on its short links are counted by the redirect. */
  origin: string;
  /** Returns undefined if the setting is absent, and an empty text if it has no value. */
  setting: (name: Setting) => string | undefined;
}

/** Starts to track, and returns the function behind `hopcount()`. */
function track({ page, origin, setting }: Options, waiting: Iterable<Call[number]>[]) {
  const sender = createSender(`${origin}/e?p=${encodeURIComponent(page)}`, warn);
  const privacy = navigator.globalPrivacyControl || navigator.doNotTrack === '1';
  const hash = setting('hash') !== undefined;
  let consentedId: string | null = null;
  let place = '';
  let { referrer } = document;

  /** Returns the address of the current view. A fragment may hold secrets, so it is sent only if it names the view. */
  function here(): string {
    return hash ? location.href : location.href.replace(/#.*/, '');
  }

  function eventOf(type: CollectEvent['type'], rest: Partial<CollectEvent>): CollectEvent {
    return { page, type, url: here(), hash, referrer, consentedId, privacy, ...rest };
  }

  function view(): void {
    place = here();
    const event = sender.add(eventOf('page_view', { title: document.title }), titleDelay);
    referrer = place;
    // The sender's own timer follows. It starts anew when a response arrives, and clocks of browsers round by milliseconds.
    setTimeout(() => {
      if (event && place === event.url) event.title = document.title;
    }, titleDelay - 20);
  }

  function moved(): void {
    if (here() !== place) view();
  }

  function exit(href: string, title?: string | null): void {
    const anchor = document.createElement('a');
    anchor.href = href;
    if (anchor.protocol.startsWith('http') && ![location.origin, origin].includes(anchor.origin))
      sender.add(eventOf('link_click', { destination: anchor.href, title: title?.trim().slice(0, 300) }));
  }

  function clicked(event: MouseEvent): void {
    // A double click leads to one place, and the right button opens a menu.
    const link = event.detail < 2 && event.button < 2 && event.composedPath().find(isLink);
    if (link) ifNotCancelled(event, () => exit(hrefOf(link), link.textContent));
  }

  function submitted(event: SubmitEvent): void {
    const { target, submitter } = event;
    ifNotCancelled(event, () => {
      const action = submitter?.getAttribute('formaction') ?? (target as Element).getAttribute('action');
      exit(action ?? '');
    });
  }

  function handle(name?: Call[number], detail?: Call[number]): void {
    try {
      if (name === 'consent') consentedId = !privacy && typeof detail === 'string' ? detail : null;
      else if (typeof name === 'string')
        sender.add(eventOf('custom', { name, properties: typeof detail === 'object' ? detail : null }));
    } catch (error) {
      warn(String(error));
    }
  }

  // Before the first view, so that a waiting consent applies to it.
  for (const call of waiting) handle(...call);
  onHistory('pushState', moved);
  // Another path is another view. Another query corrects the address of this one.
  onHistory('replaceState', () => {
    if (here().split('?')[0] === place.split('?')[0]) place = here();
    moved();
  });
  addEventListener('popstate', moved);
  addEventListener('pageshow', ({ persisted }) => persisted && view());
  // Before the sender sends what is left.
  addEventListener('pagehide', decide, true);
  addEventListener('click', clicked, true);
  addEventListener('auxclick', clicked, true);
  if (setting('forms') !== undefined) addEventListener('submit', submitted, true);
  view();
  return handle;
}

/** Milliseconds. Applications set the title some time after they change the address. */
const titleDelay = 300;

type Link = HTMLAnchorElement | HTMLAreaElement | SVGAElement;

function isLink(node: EventTarget): node is Link {
  return node instanceof Element && /^(a|area)$/i.test(node.localName) && hrefOf(node as Link) !== '';
}

function hrefOf({ href }: Link): string {
  return typeof href === 'string' ? href : href.baseVal;
}

let undecided: (() => void)[] = [];

/** The page's own handlers run first: they may cancel the event. */
function ifNotCancelled(event: Event, then: () => void): void {
  undecided.push(() => event.defaultPrevented || then());
  setTimeout(decide);
}

function decide(): void {
  for (const each of undecided) each();
  undecided = [];
}

function onHistory(method: 'pushState' | 'replaceState', then: () => void): void {
  const original = history[method];
  history[method] = (...state) => {
    original.apply(history, state);
    then();
  };
}
