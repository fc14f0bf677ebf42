interface MoveButtonsProps {
  name: string;
  index: number;
  last: number;
  onMove: (to: number) => void;
}

export function MoveButtons({ name, index, last, onMove }: MoveButtonsProps) {
  return (
    <span className="move">
      {(['up', 'down'] as const).map((direction) => (
        <button
          key={direction}
          type="button"
          className="quiet small icon"
          disabled={index === (direction === 'up' ? 0 : last)}
          aria-label={`Move ${name} ${direction}`}
          onClick={() => onMove(direction === 'up' ? index - 1 : index + 1)}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d={direction === 'up' ? 'M8 13V3M4 7l4-4 4 4' : 'M8 3v10M4 9l4 4 4-4'} />
          </svg>
        </button>
      ))}
    </span>
  );
}

export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = items.filter((_, index) => index !== from);
  const item = items[from];
  if (item !== undefined) next.splice(to, 0, item);
  return next;
}
