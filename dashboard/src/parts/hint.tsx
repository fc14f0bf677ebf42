import { type ReactNode, useId, useRef } from 'react';

interface HintProps {
  /** What the explanation is about, for who cannot see where it stands. */
  about: string;
  children: ReactNode;
}

const gap = 8;

/** Beside its button where there is room for it; the style sheet puts it at the foot of a narrow screen. */
const place = (button: HTMLElement, card: HTMLElement): void => {
  const at = button.getBoundingClientRect();
  const width = card.offsetWidth;
  const left = Math.max(gap, Math.min(at.left - width / 2 + at.width / 2, window.innerWidth - width - gap));
  const below = at.bottom + gap + card.offsetHeight < window.innerHeight;
  card.style.setProperty('--left', `${left}px`);
  card.style.setProperty('--top', `${below ? at.bottom + gap : Math.max(gap, at.top - gap - card.offsetHeight)}px`);
};

/** A question mark that explains, in place, why a number may surprise. */
export const Hint = ({ about, children }: HintProps) => {
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
          if (event.newState === 'open' && button.current) place(button.current, event.currentTarget);
        }}
      >
        {children}
      </div>
    </span>
  );
};
