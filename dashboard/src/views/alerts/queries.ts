import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type Anomaly, anomaliesSchema, backtestsSchema, forecastSchema } from '#schemas/api/detection.ts';
import { useApi } from '../../api/context.tsx';

const pageSize = 20;
const refreshMs = 60_000;

export type Anomalies = ReturnType<typeof useAnomalies>;

/** Reads the incidents of a page, newest first. @param page its path without the slash */
export function useAnomalies(page: string, enabled: boolean) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['anomalies', page],
    queryFn: ({ pageParam, signal }) =>
      api.send('get', '/pages/:page/anomalies', anomaliesSchema, {
        param: { page },
        query: { cursor: pageParam, limit: pageSize },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: refreshMs,
    enabled,
  });
}

/** Returns the incidents loaded so far. */
export function loadedAnomalies({ data }: Anomalies): Anomaly[] {
  return data?.pages.flatMap(({ rows }) => rows) ?? [];
}

/** Returns until when the page's mails are muted; null if they are not. */
export function mutedUntil({ data }: Anomalies): string | null {
  return data?.pages[0]?.mutedUntil ?? null;
}

export function useForecast(page: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['forecast', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/forecast', forecastSchema, { param: { page }, signal }),
    // The first one appears while someone may wait for it.
    refetchInterval: ({ state }) => (state.data?.forecast === null ? refreshMs / 4 : false),
  });
}

/** Reads the alerts that each setting would have raised, with these excluded days instead of the saved ones. */
export function useBacktests(page: string, badDays: readonly string[]) {
  const api = useApi();
  // An empty parameter would mean the saved days.
  const list = badDays.length === 0 ? ',' : badDays.join(',');
  return useQuery({
    queryKey: ['backtest', page, list],
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/backtest', backtestsSchema, { param: { page }, query: { badDays: list }, signal }),
    placeholderData: keepPreviousData,
  });
}
