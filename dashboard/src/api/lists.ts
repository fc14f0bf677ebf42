import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiClient } from './client.ts';
import { useApi } from './context.tsx';
import type { Listing } from './routes.ts';

/** Rows of a list after a cursor. */
export interface Stretch {
  query: { cursor: string | undefined; limit: number };
  signal: AbortSignal;
}

const perStretch = 100;

type ReadStretch<Row> = (api: ApiClient, stretch: Stretch) => Promise<Listing<Row>>;

/** A list of the API, one stretch after another. @param key tells the list from others, with all that narrows it */
export function useList<Row>(key: readonly unknown[], read: ReadStretch<Row>) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['list', ...key],
    queryFn: ({ pageParam, signal }) => read(api, { query: { cursor: pageParam, limit: perStretch }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** Rows that the API gives at most at once. */
const longest = 200;

/** A list of the API to its end, for what has to be seen whole. */
export function useWholeList<Row>(key: readonly unknown[], read: ReadStretch<Row>) {
  const api = useApi();
  return useQuery({
    queryKey: ['whole', ...key],
    queryFn: async ({ signal }): Promise<Row[]> => {
      const rows: Row[] = [];
      let cursor: string | undefined;
      do {
        const found = await read(api, { query: { cursor, limit: longest }, signal });
        rows.push(...found.rows);
        cursor = found.next ?? undefined;
      } while (cursor !== undefined);
      return rows;
    },
  });
}

/** Something that changes what the API holds; what was read of it is read again. */
export function useChange<Input, Output>(change: (api: ApiClient, input: Input) => Promise<Output>) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(api, input),
    onSuccess: () => queries.invalidateQueries(),
  });
}
