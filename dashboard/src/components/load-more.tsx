import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Empty, LoadError, Skeleton } from './panel.tsx';

interface LoadMoreProps<Row> {
  query: UseInfiniteQueryResult<{ pages: readonly { rows: Row[] }[] }>;
  /** Shown instead of an empty list. */
  empty: string;
  /** Renders at least one row. */
  children: (rows: Row[]) => ReactNode;
}

/** A list with all rows loaded so far and a button that loads more. */
export function LoadMore<Row>({ query, empty, children }: LoadMoreProps<Row>) {
  if (query.data === undefined)
    return query.isError ? <LoadError error={query.error} retry={() => void query.refetch()} /> : <Skeleton rows={6} />;
  const rows = query.data.pages.flatMap((page) => page.rows);
  if (rows.length === 0) return <Empty>{empty}</Empty>;
  return (
    <>
      {children(rows)}
      {query.hasNextPage && (
        <MoreButton loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} />
      )}
    </>
  );
}

export function MoreButton({ loading, onClick }: { loading: boolean; onClick: () => void }) {
  return (
    <button type="button" className="more" disabled={loading} onClick={onClick}>
      {loading ? 'Loading…' : 'Show more'}
    </button>
  );
}
