import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { ApiProblem } from '../api/client.ts';
import { useFailure } from '../api/failures.tsx';
import { Hint } from './hint.tsx';

/** The last value that could be loaded. */
export interface Stale<T> {
  value: T;
  /** When it was read: `14:05`. */
  at: string;
}

interface PanelProps {
  title: ReactNode;
  hint?: ReactNode;
  /** Controls to the right of the title. */
  actions?: ReactNode;
  /** Shows all of it in a dialog. */
  onExpand?: (() => void) | undefined;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, hint, actions, onExpand, className = '', children }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {hint !== undefined && <Hint about={typeof title === 'string' ? title : 'this'}>{hint}</Hint>}
        {(actions !== undefined || onExpand) && (
          <div className="panel-actions">
            {actions}
            {onExpand && (
              <button type="button" className="quiet small icon" onClick={onExpand}>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                  <path d="M9.5 3H13v3.5M13 3 9 7M6.5 13H3V9.5M3 13l4-4" />
                </svg>
                <span className="visually-hidden">Expand {typeof title === 'string' ? title : 'this'}</span>
              </button>
            )}
          </div>
        )}
      </header>
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  /** Shown if the query fails and has never succeeded. */
  stale?: Stale<T> | undefined;
  rows?: number;
  children: (value: T) => ReactNode;
}

/** Renders the data of a query, a skeleton while it loads, or an error with a button to try again. */
export function Loaded<T>({ query, stale, rows, children }: LoadedProps<T>) {
  if (query.data !== undefined)
    return (
      <div className={query.isPlaceholderData ? 'refreshing' : undefined}>
        {query.isError && <RefreshError error={query.error} />}
        {children(query.data)}
      </div>
    );
  if (query.isError && stale)
    return (
      <div>
        <StaleNote at={stale.at} />
        {children(stale.value)}
      </div>
    );
  if (query.isError) return <LoadError error={query.error} retry={() => void query.refetch()} />;
  return <Skeleton {...(rows !== undefined && { rows })} />;
}

export function RefreshError({ error }: { error: Error }) {
  const message = `Couldn’t refresh: ${explain(error)} Showing the last loaded data.`;
  return useFailure(message) ? null : <Notice>{message}</Notice>;
}

function explain(error: Error): string {
  if (!(error instanceof ApiProblem)) return error.message;
  if (error.details.status === 404) return 'Page not found, or you don’t have access to it.';
  return error.details.detail;
}

export function StaleNote({ at }: { at: string }) {
  const message = `Temporarily unavailable. Showing data from ${at}.`;
  return useFailure(message) ? null : <Notice>{message}</Notice>;
}

export function Notice({ children }: { children: ReactNode }) {
  return (
    <p className="stale" role="status">
      {children}
    </p>
  );
}

export function LoadError({ error, retry }: { error: Error; retry?: () => void }) {
  if (useFailure(explain(error), retry)) return <Empty>Not available.</Empty>;
  return (
    <div className="failure" role="alert">
      <p>{explain(error)}</p>
      {retry && (
        <button type="button" className="quiet" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Skeleton({ rows = 4 }: { rows?: number }) {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <i key={row} />
      ))}
    </div>
  );
}
