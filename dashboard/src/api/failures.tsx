import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useId,
  useLayoutEffect,
  useMemo,
  useState,
} from 'react';

interface Failure {
  message: string;
  retry?: (() => void) | undefined;
}

interface Scope {
  report: (id: string, failure: Failure | undefined) => void;
  /** More than one panel has failed, so the banner speaks for all. */
  shared: boolean;
}

const ScopeContext = createContext<Scope | undefined>(undefined);

/** A view whose panels share one banner as soon as more than one of them fails. */
export function FailureScope({ children }: { children: ReactNode }) {
  const [failures, setFailures] = useState<ReadonlyMap<string, Failure>>(new Map());
  const report = useCallback((id: string, failure: Failure | undefined) => {
    setFailures((before) => {
      const after = new Map(before);
      if (failure) after.set(id, failure);
      else after.delete(id);
      return after;
    });
  }, []);
  const shared = failures.size > 1;
  const scope = useMemo(() => ({ report, shared }), [report, shared]);
  return (
    <ScopeContext value={scope}>
      {shared && <Banner failures={[...failures.values()]} />}
      {children}
    </ScopeContext>
  );
}

function Banner({ failures }: { failures: readonly Failure[] }) {
  const retries = failures.flatMap(({ retry }) => retry ?? []);
  return (
    <div className="failure banner" role="alert">
      {[...new Set(failures.map(({ message }) => message))].map((message) => (
        <p key={message}>{message}</p>
      ))}
      {retries.length > 0 && (
        <button type="button" className="quiet" onClick={() => retries.forEach((retry) => retry())}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Reports a failure while the caller is shown. Returns true if the view's banner shows it instead. */
export function useFailure(message: string, retry?: () => void): boolean {
  const id = useId();
  const scope = useContext(ScopeContext);
  const report = scope?.report;
  useLayoutEffect(() => {
    report?.(id, { message, retry });
    return () => report?.(id, undefined);
    // A retry refetches the same query, whichever render it is from.
  }, [report, id, message]);
  return scope?.shared ?? false;
}
