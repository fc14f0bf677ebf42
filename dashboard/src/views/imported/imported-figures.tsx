import type { ReactNode } from 'react';
import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import { Skeleton } from '../../components/panel.tsx';
import { formatCount } from '../../format/numbers.ts';
import { measureName } from '../../format/traffic.ts';
import { Figure } from '../overview/figures.tsx';
import { importedNumbers, joinNames } from './imported-words.ts';

interface LeadFiguresProps {
  /** Imported counts of a period without counts of its own. */
  alone: ImportedCounts | undefined;
  /** Whether there may be imported counts that have not been loaded. */
  isAwaited: boolean;
  /** Hopcount's own figures. */
  children: ReactNode;
}

/** Shows what is known of a period: Hopcount's own figures, or in their place the imported ones. Never both in one number. */
export function LeadFigures({ alone, isAwaited, children }: LeadFiguresProps) {
  if (alone) return <ImportedFigures counts={alone} />;
  return isAwaited ? <Skeleton rows={2} /> : children;
}

function ImportedFigures({ counts }: { counts: ImportedCounts }) {
  const numbers = importedNumbers(counts);
  // Of two numbers, each may be of another tool; the note below names them.
  const from = numbers.length === 1 || counts.tools.length === 1 ? ` from ${joinNames(counts.tools)}` : '';
  return (
    <dl className="figures imported">
      {numbers.map(({ measure, count }, at) => (
        <Figure
          key={measure}
          main={at === 0}
          tone={measure}
          name={`${measureName(measure)}${from}, imported`}
          value={formatCount(count)}
        />
      ))}
    </dl>
  );
}
