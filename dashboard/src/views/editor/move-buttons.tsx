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
          className="quiet small"
          disabled={index === (direction === 'up' ? 0 : last)}
          aria-label={`Move ${name} ${direction}`}
          onClick={() => onMove(direction === 'up' ? index - 1 : index + 1)}
        >
          {direction === 'up' ? '↑' : '↓'}
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
