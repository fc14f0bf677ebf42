/** Pixels between a popover, its button and the edges of the window. */
const gap = 8;

/** Sets `--left` and `--top` so that the popover is centered below its button, or above it if it would not fit. */
export function positionPopover(button: HTMLElement, popover: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const width = popover.offsetWidth;
  const left = Math.max(gap, Math.min(at.left - width / 2 + at.width / 2, window.innerWidth - width - gap));
  const below = at.bottom + gap + popover.offsetHeight < window.innerHeight;
  popover.style.setProperty('--left', `${left}px`);
  popover.style.setProperty(
    '--top',
    `${below ? at.bottom + gap : Math.max(gap, at.top - gap - popover.offsetHeight)}px`,
  );
}
