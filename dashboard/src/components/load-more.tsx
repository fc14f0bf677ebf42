import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { LoadError, Skeleton } from './panel.tsx';

interface LoadMoreProps<Row> {
  query: UseInfiniteQueryResult<{ pages: readonly { rows: Row[] }[] }>;
  children: (rows: Row[]) => ReactNode;
}

/** All rows of a list so far, and the way to the next ones. */
export function LoadMore<Row>({ query, children }: LoadMoreProps<Row>) {
  if (query.data === undefined)
    return query.isError ? <LoadError error={query.error} retry={() => void query.refetch()} /> : <Skeleton rows={6} />;
  return (
    <>
      {children(query.data.pages.flatMap(({ rows }) => rows))}
      {query.hasNextPage && (
        <button
          type="button"
          className="more"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {query.isFetchingNextPage ? 'Loading…' : 'Show more'}
        </button>
      )}
    </>
  );
}
