import { type ReactNode, useId, useRef } from 'react';
import { positionPopover } from './popover-position.ts';

interface HintProps {
  /** Completes the button's label for screen readers: “About daily uniques”. */
  about: string;
  children: ReactNode;
}

/** A question mark that opens an explanation. */
export function Hint({ about, children }: HintProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  return (
    <span className="hint">
      <button ref={button} type="button" popoverTarget={id} aria-label={`About ${about}`}>
        ?
      </button>
      <div
        id={id}
        popover="auto"
        className="hint-card"
        onToggle={(event) => {
          if (event.newState === 'open' && button.current) positionPopover(button.current, event.currentTarget);
        }}
      >
        {children}
      </div>
    </span>
  );
}
