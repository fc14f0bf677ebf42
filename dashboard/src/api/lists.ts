import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import type { ApiClient } from './client.ts';
import { useApi } from './context.tsx';

interface Listing<Row> {
  rows: Row[];
  next: string | null;
}

/** A list of the API, one stretch after another. */
export const useList = <Row>(
  path: string,
  schema: z.ZodType<Listing<Row>>,
  query: Readonly<Record<string, string | undefined>> = {},
) => {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['list', path, query],
    queryFn: ({ pageParam, signal }): Promise<Listing<Row>> =>
      api.send(path, schema, { query: { ...query, cursor: pageParam, limit: 100 }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
};

/** Rows that the API gives at most at once. */
const stretch = 200;

/** A list of the API to its end, for what has to be seen whole. */
export const useWholeList = <Row>(
  path: string,
  schema: z.ZodType<Listing<Row>>,
  query: Readonly<Record<string, string | undefined>> = {},
) => {
  const api = useApi();
  return useQuery({
    queryKey: ['whole', path, query],
    queryFn: async ({ signal }): Promise<Row[]> => {
      const rows: Row[] = [];
      let cursor: string | undefined;
      do {
        const found = await api.send(path, schema, { query: { ...query, cursor, limit: stretch }, signal });
        rows.push(...found.rows);
        cursor = found.next ?? undefined;
      } while (cursor !== undefined);
      return rows;
    },
  });
};

/** Something that changes what the API holds; what was read of it is read again. */
export const useChange = <Input, Output>(change: (api: ApiClient, input: Input) => Promise<Output>) => {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(api, input),
    onSuccess: () => queries.invalidateQueries(),
  });
};
