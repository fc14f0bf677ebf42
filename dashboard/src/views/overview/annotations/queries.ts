import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { annotationsSchema } from '#schemas/api/saved.ts';
import { useApi } from '../../../api/context.tsx';
import type { Range } from '../../../range/range.ts';

/** Reads the annotations of a page in a period. @param page its path without the slash; undefined reads none */
export function useAnnotations(page: string | undefined, { dates: { from, to } }: Range) {
  const api = useApi();
  return useQuery({
    queryKey: ['annotations', page, from, to],
    queryFn: async ({ signal }) =>
      (
        await api.send('get', '/pages/:page/annotations', annotationsSchema, {
          param: { page: page ?? '' },
          query: { from, to },
          signal,
        })
      ).rows,
    enabled: page !== undefined,
    placeholderData: keepPreviousData,
  });
}
