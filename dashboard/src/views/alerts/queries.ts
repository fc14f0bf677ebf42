import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type Anomaly, anomaliesSchema, backtestsSchema, forecastSchema } from '#schemas/api/detection.ts';
import { useApi } from '../../api/context.tsx';

/** Alerts asked for at once. */
const stretch = 20;
/** Jobs look every hour. */
const refresh = 300_000;

export type Anomalies = ReturnType<typeof useAnomalies>;

/** Alerts of a page, by its path without the slash, newest first. */
export function useAnomalies(page: string, enabled: boolean) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['anomalies', page],
    queryFn: ({ pageParam, signal }) =>
      api.send('get', '/pages/:page/anomalies', anomaliesSchema, {
        param: { page },
        query: { cursor: pageParam, limit: stretch },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: refresh,
    enabled,
  });
}

/** Those that have been read so far. */
export function loadedAnomalies({ data }: Anomalies): Anomaly[] {
  return data?.pages.flatMap(({ rows }) => rows) ?? [];
}

export function useForecast(page: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['forecast', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/forecast', forecastSchema, { param: { page }, signal }),
  });
}

/** What each setting would have told, with these bad days instead of the saved ones. */
export function useBacktests(page: string, badDays: readonly string[]) {
  const api = useApi();
  // Without any of them the question would be about the saved ones.
  const list = badDays.length === 0 ? ',' : badDays.join(',');
  return useQuery({
    queryKey: ['backtest', page, list],
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/backtest', backtestsSchema, { param: { page }, query: { badDays: list }, signal }),
    placeholderData: keepPreviousData,
  });
}
