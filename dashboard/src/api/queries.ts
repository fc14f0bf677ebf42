import type { z } from 'zod';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ledgerSchema, meSchema, statsSchema } from '#schemas/api.ts';
import { type DashboardPart, dashboardSchema } from '#schemas/api/dashboard.ts';
import { importedCountsSchema } from '#schemas/history/imported-counts-api.ts';
import { agenciesSchema } from '#schemas/api/agencies.ts';
import { type Range, toStatsQuery } from '../range/range.ts';
import { useApi } from './context.tsx';

/** The page or link that a view shows. `name` is a page's path without the slash, or a link's code. */
export interface Subject {
  kind: 'pages' | 'links';
  name: string;
}

export function useMe() {
  const api = useApi();
  return useQuery({
    queryKey: ['me'],
    queryFn: async ({ signal }) => {
      const me = await api.send('get', '/me', meSchema, { signal });
      sessionStorage.setItem(userKey, JSON.stringify(me));
      return me;
    },
    // The names and the menu of the last load stay if this one fails. They are read again at once.
    initialData: readUser,
    initialDataUpdatedAt: 0,
    staleTime: userFreshMs,
  });
}

const userKey = 'hopcount.user';
const userFreshMs = 86_400_000;

function readUser(): z.output<typeof meSchema> | undefined {
  try {
    return meSchema.safeParse(JSON.parse(sessionStorage.getItem(userKey) ?? 'null')).data;
  } catch {
    return undefined;
  }
}

/** Removes what is kept of the user, when they sign out or their session ends. */
export function forgetUser(): void {
  sessionStorage.removeItem(userKey);
}

type Which = 'current' | 'compared';

export function useStats(subject: Subject, range: Range, which: Which = 'current', enabled = true) {
  const api = useApi();
  const query = { ...toStatsQuery(range), ...periodOf(range, which) };
  return useQuery({
    queryKey: ['stats', subject, query],
    queryFn: ({ signal }) =>
      subject.kind === 'pages'
        ? api.send('get', '/pages/:page/stats', statsSchema, { param: { page: subject.name }, query, signal })
        : api.send('get', '/links/:code/stats', statsSchema, { param: { code: subject.name }, query, signal }),
    enabled: enabled && (which === 'current' || range.compare !== undefined),
    placeholderData: keepPreviousData,
    refetchInterval: which === 'current' ? refreshInterval(range) : false,
  });
}

/** The API decides what a period is compared with. */
function periodOf(range: Range, which: Which) {
  return which === 'compared' ? { period: range.compare } : {};
}

const liveRefreshMs = 15_000;
/** Days settle once an hour, and one by one at the start of the demo. */
const settledRefreshMs = 60_000;

function refreshInterval(range: Range): number | false {
  return range.live ? liveRefreshMs : false;
}

interface PartsOptions {
  which?: Which;
  enabled?: boolean;
  /** Maximum number of links. @default - that of the API */
  topLinks?: number;
  /** Reads them again as often as totals. @default false */
  live?: boolean;
}

/** Reads dashboard parts that come from settled days or from the lake. */
export function useParts(
  subject: Subject,
  range: Range,
  parts: readonly DashboardPart[],
  { which = 'current', enabled = true, topLinks, live = false }: PartsOptions = {},
) {
  const api = useApi();
  const query = { ...toStatsQuery(range), ...periodOf(range, which), parts: parts.join(','), topLinks };
  return useQuery({
    queryKey: ['dashboard', subject, query],
    queryFn: ({ signal }) => {
      const request = { query, signal, fresh: live };
      return subject.kind === 'pages'
        ? api.send('get', '/pages/:page/dashboard', dashboardSchema, { param: { page: subject.name }, ...request })
        : api.send('get', '/links/:code/dashboard', dashboardSchema, { param: { code: subject.name }, ...request });
    },
    enabled: enabled && (which === 'current' || range.compare !== undefined),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      // Missing and stale parts are requested again.
      if (live || (state.data?.errors.length ?? 0) > 0) return liveRefreshMs;
      // A filter costs a query.
      return which === 'current' && range.live && range.filters.length === 0 ? settledRefreshMs : false;
    },
  });
}

export function useLedger(subject: Subject, range: Range) {
  const api = useApi();
  const { from, to, interval, tz } = toStatsQuery(range);
  const query = { from, to, interval, tz };
  return useQuery({
    queryKey: ['ledger', subject, query],
    queryFn: ({ signal }) =>
      subject.kind === 'pages'
        ? api.send('get', '/pages/:page/ledger', ledgerSchema, { param: { page: subject.name }, query, signal })
        : api.send('get', '/links/:code/ledger', ledgerSchema, { param: { code: subject.name }, query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: refreshInterval(range),
  });
}

/** Reads what other tools have counted. An import changes it, nothing else does. */
export function useImportedCounts(subject: Subject, range: Range) {
  const api = useApi();
  const { from, to, interval, tz } = toStatsQuery(range);
  const query = { from, to, interval, tz };
  return useQuery({
    queryKey: ['imported-counts', subject, query],
    queryFn: ({ signal }) => {
      const [schema, request] = [importedCountsSchema, { query, signal }];
      return subject.kind === 'pages'
        ? api.send('get', '/pages/:page/imported-counts', schema, { param: { page: subject.name }, ...request })
        : api.send('get', '/links/:code/imported-counts', schema, { param: { code: subject.name }, ...request });
    },
    placeholderData: keepPreviousData,
  });
}

export function useAgencies() {
  const api = useApi();
  return useQuery({
    queryKey: ['agencies'],
    queryFn: ({ signal }) => api.send('get', '/agencies', agenciesSchema, { signal }),
  });
}
