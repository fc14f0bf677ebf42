import { relativeChange, formatChange } from '../format/numbers.ts';

interface DeltaProps {
  now: number | null;
  before: number | null | undefined;
}

/** Change against the period before: by sign and arrow, not by colour alone. */
export function Delta({ now, before }: DeltaProps) {
  if (before === undefined) return null;
  const change = relativeChange(now, before);
  if (change === undefined) return <span className="delta">no base to compare</span>;
  const direction = Math.abs(change) < 0.005 ? 'same' : change > 0 ? 'up' : 'down';
  const arrow = { same: '→', up: '↑', down: '↓' }[direction];
  return (
    <span className={`delta ${direction}`}>
      <span aria-hidden="true">{arrow} </span>
      {formatChange(change)}
      <span className="visually-hidden"> against the period before</span>
    </span>
  );
}
