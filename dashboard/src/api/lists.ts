import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiClient } from './client.ts';
import { useApi } from './context.tsx';
import type { Listing } from './routes.ts';

/** Requests the rows after a cursor. */
export interface ListRequest {
  query: { cursor: string | undefined; limit: number };
  signal: AbortSignal;
}

const pageSize = 100;

type ReadRows<Row> = (api: ApiClient, request: ListRequest) => Promise<Listing<Row>>;

/** Reads a list page by page. @param key identifies the list, including everything it is filtered by */
export function useList<Row>(key: readonly unknown[], read: ReadRows<Row>) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['list', ...key],
    queryFn: async ({ pageParam, signal }): Promise<Listing<Row>> => {
      let found = await read(api, { query: { cursor: pageParam, limit: pageSize }, signal });
      // A search of many rows may look at a thousand of them without finding one.
      while (found.rows.length === 0 && found.next !== null)
        found = await read(api, { query: { cursor: found.next, limit: pageSize }, signal });
      return found;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The API's limit. */
const maxPageSize = 200;

/** Reads all rows of a list, for views that sort it or choose from it. */
export function useFullList<Row>(key: readonly unknown[], read: ReadRows<Row>) {
  const api = useApi();
  return useQuery({
    queryKey: ['full-list', ...key],
    queryFn: ({ signal }) => readAllRows((request) => read(api, { ...request, signal })),
  });
}

/** Returns the rows of every page of a list. */
export async function readAllRows<Row>(read: (request: Omit<ListRequest, 'signal'>) => Promise<Listing<Row>>) {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const found = await read({ query: { cursor, limit: maxPageSize } });
    rows.push(...found.rows);
    cursor = found.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

/** Returns a mutation that refetches all queries when it succeeds. */
export function useApiMutation<Input, Output>(change: (api: ApiClient, input: Input) => Promise<Output>) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(api, input),
    onSuccess: () => queries.invalidateQueries(),
  });
}
