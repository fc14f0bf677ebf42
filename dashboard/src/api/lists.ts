import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiClient } from './client.ts';
import { useApi } from './context.tsx';
import type { Listing } from './routes.ts';

/** Rows of a list after a cursor. */
export interface ListRequest {
  query: { cursor: string | undefined; limit: number };
  signal: AbortSignal;
}

const pageSize = 100;

type ReadRows<Row> = (api: ApiClient, stretch: ListRequest) => Promise<Listing<Row>>;

/** A list of the API, one stretch after another. @param key tells the list from others, with all that narrows it */
export function useList<Row>(key: readonly unknown[], read: ReadRows<Row>) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['list', ...key],
    queryFn: ({ pageParam, signal }) => read(api, { query: { cursor: pageParam, limit: pageSize }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** Rows that the API gives at most at once. */
const maxPageSize = 200;

/** A list of the API to its end, for what has to be seen whole. */
export function useFullList<Row>(key: readonly unknown[], read: ReadRows<Row>) {
  const api = useApi();
  return useQuery({
    queryKey: ['whole', ...key],
    queryFn: async ({ signal }): Promise<Row[]> => {
      const rows: Row[] = [];
      let cursor: string | undefined;
      do {
        const found = await read(api, { query: { cursor, limit: maxPageSize }, signal });
        rows.push(...found.rows);
        cursor = found.next ?? undefined;
      } while (cursor !== undefined);
      return rows;
    },
  });
}

/** Something that changes what the API holds; what was read of it is read again. */
export function useApiMutation<Input, Output>(change: (api: ApiClient, input: Input) => Promise<Output>) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(api, input),
    onSuccess: () => queries.invalidateQueries(),
  });
}
