import type { LinkView } from '#schemas/api/links.ts';
import { linkState } from './link-draft.ts';

export interface LinkClicks {
  clicks: number;
  /** By date. */
  days: number[];
}

export const sorts = {
  newest: 'Newest',
  clicks: 'Most clicks',
  title: 'Title',
  code: 'Short code',
} as const;
export type Sort = keyof typeof sorts;

export const states = {
  listed: 'All but archived',
  active: 'Active',
  disabled: 'Switched off',
  scheduled: 'Scheduled',
  expired: 'Expired',
  protected: 'With a password',
  archived: 'Archived',
} as const;
export type StateFilter = keyof typeof states;

/** What the list shows. It is the view's query, so that it can be shared and bookmarked. */
export interface LinkFilters {
  search: string;
  tag: string;
  campaign: string;
  state: StateFilter;
  sort: Sort;
}

/** Names of the filters in the query. */
export const filterNames = ['search', 'tag', 'campaign-of', 'state', 'sort'] as const;

export function readFilters(query: URLSearchParams): LinkFilters {
  const [state, sort] = [query.get('state') ?? '', query.get('sort') ?? ''];
  return {
    search: query.get('search') ?? '',
    tag: query.get('tag') ?? '',
    campaign: query.get('campaign-of') ?? '',
    state: isNameOf(states, state) ? state : 'listed',
    sort: isNameOf(sorts, sort) ? sort : 'newest',
  };
}

function isNameOf<Names extends object>(names: Names, name: string): name is Extract<keyof Names, string> {
  return Object.hasOwn(names, name);
}

export function filterLinks(links: readonly LinkView[], filters: LinkFilters, now: number): LinkView[] {
  const text = filters.search.trim().toLowerCase();
  return links.filter(
    (link) =>
      isIn(link, filters.state, now) &&
      (filters.tag === '' || link.tags.includes(filters.tag)) &&
      (filters.campaign === '' || link.campaign === filters.campaign) &&
      [link.code, link.title ?? '', link.url, ...link.tags].some((value) => value.toLowerCase().includes(text)),
  );
}

function isIn(link: LinkView, state: StateFilter, now: number): boolean {
  if (state === 'archived' || link.archived) return state === 'archived' && link.archived;
  if (state === 'listed') return true;
  return state === 'protected' ? link.protected : linkState(link, now) === state;
}

export function sortLinks(
  links: readonly LinkView[],
  { sort }: LinkFilters,
  clicks: ReadonlyMap<string, LinkClicks>,
): LinkView[] {
  function clicksOf({ code }: LinkView): number {
    return clicks.get(code)?.clicks ?? 0;
  }
  const orders: Record<Sort, (a: LinkView, b: LinkView) => number> = {
    newest: (a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0),
    clicks: (a, b) => clicksOf(b) - clicksOf(a),
    title: (a, b) => (a.title ?? a.url).localeCompare(b.title ?? b.url),
    code: (a, b) => a.code.localeCompare(b.code),
  };
  return links.toSorted((a, b) => orders[sort](a, b) || (a.code < b.code ? -1 : 1));
}
