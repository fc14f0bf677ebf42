import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ledgerSchema, meSchema, statsSchema } from '#schemas/api.ts';
import { type DashboardPart, dashboardSchema } from '#schemas/api/dashboard.ts';
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
    queryFn: ({ signal }) => api.send('get', '/me', meSchema, { signal }),
    staleTime: Infinity,
  });
}

export function useStats(subject: Subject, range: Range, which: 'current' | 'previous' = 'current') {
  const api = useApi();
  const query = toStatsQuery(range, which === 'current' ? range : range.previous);
  return useQuery({
    queryKey: ['stats', subject, query],
    queryFn: ({ signal }) =>
      subject.kind === 'pages'
        ? api.send('get', '/pages/:page/stats', statsSchema, { param: { page: subject.name }, query, signal })
        : api.send('get', '/links/:code/stats', statsSchema, { param: { code: subject.name }, query, signal }),
    enabled: which === 'current' || range.compare,
    placeholderData: keepPreviousData,
    refetchInterval: which === 'current' ? refreshInterval(range) : false,
  });
}

const liveRefreshMs = 15_000;

function refreshInterval(range: Range): number | false {
  return range.live ? liveRefreshMs : false;
}

/** Reads dashboard parts that come from settled days or from the lake. */
export function useParts(subject: Subject, range: Range, parts: readonly DashboardPart[]) {
  const api = useApi();
  const query = { ...toStatsQuery(range, range), parts: parts.join(',') };
  return useQuery({
    queryKey: ['dashboard', subject, query],
    queryFn: ({ signal }) =>
      subject.kind === 'pages'
        ? api.send('get', '/pages/:page/dashboard', dashboardSchema, { param: { page: subject.name }, query, signal })
        : api.send('get', '/links/:code/dashboard', dashboardSchema, { param: { code: subject.name }, query, signal }),
    placeholderData: keepPreviousData,
    // Missing and stale parts are requested again.
    refetchInterval: ({ state }) => ((state.data?.errors.length ?? 0) > 0 ? liveRefreshMs : false),
  });
}

export function useLedger(subject: Subject, range: Range) {
  const api = useApi();
  const { from, to, interval, tz } = toStatsQuery(range, range);
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
