import { useEffect } from 'react';
import { navigate } from '../../router/location.ts';
import { pagePath, pageTabs, parseRoute } from '../../router/routes.ts';

export type PaletteView = 'commands' | 'shortcuts';

/** Keys and what they do, as the help lists them. */
export const shortcuts: readonly { keys: readonly string[]; does: string }[] = [
  { keys: ['Ctrl', 'K'], does: 'Go to a page, a link or a setting (⌘ K on a Mac)' },
  { keys: ['?'], does: 'Show these shortcuts' },
  { keys: ['/'], does: 'Search in this view' },
  { keys: ['G', 'P'], does: 'Go to all pages' },
  { keys: ['G', 'A'], does: 'Go to agencies' },
  { keys: ['G', 'K'], does: 'Go to API keys' },
  { keys: ['1', '–', String(Math.min(9, pageTabs.length))], does: 'Switch to a tab of the page' },
];

const destinations: Readonly<Record<string, string>> = { p: '/pages', a: '/agencies', k: '/keys' };

const storageKey = 'hopcount.shortcuts';

/** Single keys can be turned off, because speech input may press them (WCAG 2.1.4). */
export function hasSingleKeys(): boolean {
  return localStorage.getItem(storageKey) !== 'off';
}

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, 'off');
}

/** Milliseconds between the two keys of a sequence. */
const sequenceMs = 1_200;

/** Listens for shortcuts. Single keys do nothing in fields and dialogs. */
export function useShortcuts(open: (view: PaletteView) => void): void {
  useEffect(() => {
    let leader = 0;
    function onKey(event: KeyboardEvent): void {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return open('commands');
      }
      if (event.ctrlKey || event.metaKey || event.altKey || !hasSingleKeys() || isBusy(event.target)) return;
      const key = event.key.toLowerCase();
      const target = Date.now() - leader < sequenceMs ? destinations[key] : undefined;
      leader = key === 'g' ? Date.now() : 0;
      if (target !== undefined) navigate(target);
      else if (key === '?') open('shortcuts');
      else if (!(key === '/' ? focusSearch() : switchTab(key))) return;
      event.preventDefault();
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [open]);
}

function isBusy(target: EventTarget | null): boolean {
  return (
    document.querySelector('dialog[open], :popover-open') !== null ||
    (target instanceof HTMLElement && target.matches('input, select, textarea, [contenteditable]'))
  );
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
  field?.focus();
  return field !== null;
}

function switchTab(key: string): boolean {
  const tab = /^[1-9]$/.test(key) ? pageTabs[Number(key) - 1] : undefined;
  const route = parseRoute(window.location.pathname.slice('/app'.length));
  if (tab === undefined || route.view !== 'page') return false;
  navigate(pagePath(route.page, tab) + window.location.search);
  return true;
}
