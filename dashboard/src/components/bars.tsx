import { type ReactNode, useState } from 'react';
import { formatCount, formatShare } from '../format/numbers.ts';
import { Empty } from './panel.tsx';

export interface Bar {
  key: string;
  label: ReactNode;
  value: number;
  /** Filters the view by this value. */
  onPick?: () => void;
}

const initialRows = 7;

interface BarsProps {
  bars: readonly Bar[];
  /** Each bar shows its share of this number. */
  total: number;
  unit: string;
  empty: string;
}

/** A ranked list with a bar, a count and a share in each row. */
export function Bars({ bars, total, unit, empty }: BarsProps) {
  const [all, setAll] = useState(false);
  if (bars.length === 0) return <Empty>{empty}</Empty>;
  const most = Math.max(...bars.map(({ value }) => value));
  const shown = all ? bars : bars.slice(0, initialRows);
  return (
    <>
      <ol className="bars" aria-label={unit}>
        {shown.map((bar) => (
          <BarRow key={bar.key} bar={bar} most={most} total={total} />
        ))}
      </ol>
      {bars.length > initialRows && (
        <button type="button" className="more" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${bars.length}`}
        </button>
      )}
    </>
  );
}

function BarRow({ bar, most, total }: { bar: Bar; most: number; total: number }) {
  const content = (
    <>
      <span className="bar-fill" style={{ inlineSize: `${(100 * bar.value) / Math.max(most, 1)}%` }} />
      <span className="bar-label" dir="auto">
        {bar.label}
      </span>
      <span className="bar-value">{formatCount(bar.value)}</span>
      <span className="bar-share">{formatShare(total > 0 ? bar.value / total : null)}</span>
    </>
  );
  if (!bar.onPick) return <li className="bar">{content}</li>;
  return (
    <li className="bar">
      <button type="button" onClick={bar.onPick}>
        {content}
      </button>
    </li>
  );
}
