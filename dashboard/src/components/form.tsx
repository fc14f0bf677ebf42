import type { ReactNode } from 'react';
import { isOutdated } from '../api/field-errors.ts';

interface FormProps {
  onSubmit: () => void;
  className?: string;
  children: ReactNode;
}

/** A form that is submitted by script, not by the browser. */
export function Form({ onSubmit, className = 'form', children }: FormProps) {
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

interface LoadStoredProps {
  /** Why it could not be saved. */
  error: Error | null;
  /** `settings` */
  what: string;
  onLoad: () => void;
}

/** The way out when someone else has changed what a form is about. */
export function LoadStored({ error, what, onLoad }: LoadStoredProps) {
  if (!isOutdated(error)) return null;
  return (
    <button type="button" className="quiet" onClick={onLoad}>
      Load the stored {what}
    </button>
  );
}
