import { useQuery } from '@tanstack/react-query';
import { metricsSchema } from '#schemas/insights/metrics.ts';
import { useApi } from '../../api/context.tsx';

/** Reads the metrics of a page. */
export function useMetrics(page: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['metrics', page],
    queryFn: async ({ signal }) =>
      (await api.send('get', '/pages/:page/metrics', metricsSchema, { param: { page }, signal })).rows,
  });
}
