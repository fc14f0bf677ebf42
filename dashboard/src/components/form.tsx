import type { ReactNode } from 'react';

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
