import { formatChange, relativeChange } from '../format/numbers.ts';

interface DeltaProps {
  now: number | null;
  before: number | null | undefined;
}

/** The change from the period that is compared with; nothing while that is unknown. */
export function Delta({ now, before }: DeltaProps) {
  if (before === undefined) return null;
  const change = relativeChange(now, before);
  if (change === undefined) return <span className="delta">no previous data</span>;
  return <Change value={change} label=" from the compared period" />;
}

/** A change as a fraction, shown by arrow and sign, not by color alone. `label` is for screen readers. */
export function Change({ value, label }: { value: number; label?: string }) {
  const direction = Math.abs(value) < 0.005 ? 'same' : value > 0 ? 'up' : 'down';
  return (
    <span className={`delta ${direction}`}>
      <span aria-hidden="true">{{ same: '→', up: '↑', down: '↓' }[direction]} </span>
      {formatChange(value)}
      {label !== undefined && <span className="visually-hidden">{label}</span>}
    </span>
  );
}
