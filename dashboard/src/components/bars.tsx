import { type ReactNode, useState } from 'react';
import { formatCount, formatShare } from '../format/numbers.ts';
import { Delta } from './delta.tsx';
import { Empty } from './panel.tsx';

export interface Bar {
  key: string;
  label: ReactNode;
  /** The label's text, for one that doesn't fit. */
  title: string;
  value: number;
  /** In the compared period. */
  before?: number | undefined;
  pick?: Pick | undefined;
}

/** Filters the view by a row. */
interface Pick {
  /** `Filter by Austria` */
  name: string;
  active: boolean;
  onPick: () => void;
}

const initialRows = 7;

interface BarsProps {
  bars: readonly Bar[];
  /** Each bar shows its share of this number. */
  total: number;
  unit: string;
  empty: string;
  /** Shows all of them elsewhere. @default - below */
  onShowAll?: () => void;
}

/** A ranked list with a bar, a count and a share, or the change, in each row. */
export function Bars({ bars, total, unit, empty, onShowAll }: BarsProps) {
  const [all, setAll] = useState(false);
  if (bars.length === 0) return <Empty>{empty}</Empty>;
  const most = Math.max(...bars.map(({ value }) => value));
  const shown = all ? bars : bars.slice(0, initialRows);
  return (
    <>
      <ol className={`bars ${bars.some(({ before }) => before !== undefined) ? 'with-change' : ''}`} aria-label={unit}>
        {shown.map((bar) => (
          <BarRow key={bar.key} bar={bar} most={most} total={total} />
        ))}
      </ol>
      {bars.length > initialRows && (
        <button type="button" className="more" onClick={onShowAll ?? (() => setAll(!all))}>
          {onShowAll ? 'Show all' : all ? 'Show fewer' : `Show all ${bars.length}`}
        </button>
      )}
    </>
  );
}

function BarRow({
  bar: { label, title, value, before, pick },
  most,
  total,
}: {
  bar: Bar;
  most: number;
  total: number;
}) {
  return (
    <li className="bar">
      <span className="bar-fill" style={{ inlineSize: `${(100 * value) / Math.max(most, 1)}%` }} />
      {pick && (
        <button
          type="button"
          className="bar-pick"
          aria-label={pick.name}
          aria-pressed={pick.active}
          onClick={pick.onPick}
        />
      )}
      <span className="bar-label" dir="auto" title={title}>
        {label}
      </span>
      <span className="bar-value">{formatCount(value)}</span>
      <span className="bar-share">
        {before === undefined ? (
          formatShare(total > 0 ? value / total : null)
        ) : (
          <RowChange now={value} before={before} />
        )}
      </span>
    </li>
  );
}

/** A row that the compared period does not have is new. */
function RowChange({ now, before }: { now: number; before: number }) {
  return before === 0 ? <span className="delta">new</span> : <Delta now={now} before={before} />;
}
