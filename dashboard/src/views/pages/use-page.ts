import { useQuery } from '@tanstack/react-query';
import { pageViewSchema } from '#schemas/api/pages.ts';
import { useApi } from '../../api/context.tsx';

/** @param name the page's path without the slash; nothing is requested while it is undefined */
export function usePage(name: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ['page', name],
    queryFn: ({ signal }) => api.send('get', '/pages/:page', pageViewSchema, { param: { page: name ?? '' }, signal }),
    enabled: name !== undefined,
  });
}
