/** Pixels between a card, its button and the edges of the window. */
const gap = 8;

/** Hands the style sheet the place of a card beside its button, where there is room for it, as `--left` and `--top`. */
export function positionPopover(button: HTMLElement, card: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const width = card.offsetWidth;
  const left = Math.max(gap, Math.min(at.left - width / 2 + at.width / 2, window.innerWidth - width - gap));
  const below = at.bottom + gap + card.offsetHeight < window.innerHeight;
  card.style.setProperty('--left', `${left}px`);
  card.style.setProperty('--top', `${below ? at.bottom + gap : Math.max(gap, at.top - gap - card.offsetHeight)}px`);
}
