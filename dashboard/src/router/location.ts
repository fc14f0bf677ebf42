import { useSyncExternalStore } from 'react';

/** The URL is the state of a view, so that it can be shared, bookmarked and gone back to. */

export const basePath = '/app';

let popped = false;
window.addEventListener('popstate', () => (popped = true));

/** Path below `/app` and the query string. */
export interface Location {
  path: string;
  query: URLSearchParams;
}

/** Returns whether the user came to the current URL with the browser's back or forward button. */
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

/** Navigates to a path below `/app`; `replace` leaves no history entry. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  // The fragment of a share link is its token.
  const fragment = isShared(to) ? window.location.hash : '';
  const href = basePath + to + fragment;
  if (href === currentHref()) return;
  if (options.replace === true) window.history.replaceState(null, '', href);
  else window.history.pushState(null, '', href);
  popped = false;
  notify();
}

function notify(): void {
  return void changed.dispatchEvent(new Event('change'));
}

/** Returns whether a path below `/app` is that of a share link, also of one in a frame. */
export function isShared(path: string): boolean {
  return /^\/(share|embed\/[^/]+)(\?|$)/.test(path);
}

/** New values of the query string, by name; null removes all of a name. */
export type QueryChanges = Readonly<Record<string, string | readonly string[] | null>>;

export function withQuery(query: URLSearchParams, changes: QueryChanges): string {
  const next = new URLSearchParams(query);
  for (const [name, values] of Object.entries(changes)) {
    next.delete(name);
    for (const value of [values ?? []].flat()) next.append(name, value);
  }
  const text = next.toString();
  return text === '' ? '' : `?${text}`;
}

export type SetQuery = (changes: QueryChanges) => void;

export function useSetQuery(): SetQuery {
  const { path, query } = useLocation();
  return (changes) => navigate(path + withQuery(query, changes));
}
