import { useSyncExternalStore } from 'react';

/** Everything that a view shows is in the address: it can be sent, kept, and gone back from. */

export const basePath = '/app';

let popped = false;
window.addEventListener('popstate', () => (popped = true));

/** Path below `/app`, and its query. */
export interface Location {
  path: string;
  query: URLSearchParams;
}

/** Whether the address shown was gone back to, or forward, rather than chosen. */
export function isHistoryNavigation(): boolean {
  return popped;
}

export function useLocation(): Location {
  const url = new URL(useSyncExternalStore(subscribe, currentHref), window.location.origin);
  return { path: url.pathname.slice(basePath.length) || '/', query: url.searchParams };
}

const changed = new EventTarget();

function subscribe(listener: () => void): () => void {
  changed.addEventListener('change', listener);
  window.addEventListener('popstate', listener);
  return () => {
    changed.removeEventListener('change', listener);
    window.removeEventListener('popstate', listener);
  };
}

function currentHref(): string {
  return window.location.pathname + window.location.search + window.location.hash;
}

/** Goes to a path below `/app`; a replaced address leaves no step to go back to. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  // A share's token stays where it is: behind the sign that no server sees.
  const stays = to.startsWith('/share') ? window.location.hash : '';
  const href = basePath + to + stays;
  if (href === currentHref()) return;
  if (options.replace === true) window.history.replaceState(null, '', href);
  else window.history.pushState(null, '', href);
  popped = false;
  notify();
}

function notify(): void {
  return void changed.dispatchEvent(new Event('change'));
}

/** The query with some of its values changed; null takes one out. */
export function withQuery(query: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes))
    if (value === null) next.delete(name);
    else next.set(name, value);
  const text = next.toString();
  return text === '' ? '' : `?${text}`;
}
