import type { ReactNode } from 'react';
import { Bars } from '../../components/bars.tsx';
import { relativeChange } from '../../format/numbers.ts';
import { type Measure, measureName, measureWords } from '../../format/traffic.ts';
import type { Data } from '../../expand/data-table.ts';
import { Expanded, type Expansion } from '../../expand/expansion.tsx';
import type { PickRow } from './filters/use-filters.ts';

export interface RankedRow {
  key: string;
  /** What is searched, exported and read out. */
  text: string;
  /** @default - the text */
  label?: ReactNode;
  /** Undefined for links, which have clicks only. */
  views?: number;
  clicks: number;
  /** With a filter by event. */
  customEvents?: number | undefined;
  pick?: PickRow | undefined;
}

interface RankedProps {
  title: string;
  file: string;
  rows: readonly RankedRow[];
  /** Rows of the compared period. */
  before: readonly RankedRow[] | undefined;
  measure: Measure;
  /** Each row shows its share of this number. */
  total: number;
  empty: string;
  note?: string | undefined;
  expansion: Expansion;
  /** Something else stands for the first rows. */
  onlyDialog?: boolean;
}

/** The values with the most views or clicks, and all of them in a dialog. */
export function Ranked({ title, file, before, measure, total, empty, note, expansion, ...props }: RankedProps) {
  const rows = props.rows.filter((row) => valueOf(row, measure) > 0).toSorted(byMost(measure));
  const earlier = before && new Map(before.map((row) => [row.key, valueOf(row, measure)]));
  return (
    <>
      {props.onlyDialog !== true && (
        <Bars
          bars={rows.map((row) => ({
            key: row.key,
            label: row.label ?? row.text,
            title: row.text,
            value: valueOf(row, measure),
            before: earlier && (earlier.get(row.key) ?? 0),
            pick: row.pick && { name: `Filter by ${row.text}`, active: row.pick.active, onPick: row.pick.onPick },
          }))}
          total={total}
          unit={measureWords[measure]}
          empty={empty}
          onShowAll={expansion.show}
        />
      )}
      {rows.length > 0 && note !== undefined && props.onlyDialog !== true && <p className="unsettled">{note}</p>}
      <Expanded
        expansion={expansion}
        title={title}
        file={file}
        data={() =>
          toData(title, rows, {
            earlier,
            measure,
            total,
            note: note ?? (rows.length === 0 ? empty : undefined),
            onPick: expansion.hide,
          })
        }
      />
    </>
  );
}

function valueOf(row: RankedRow, measure: Measure): number {
  return row[measure] ?? 0;
}

function byMost(measure: Measure) {
  return (a: RankedRow, b: RankedRow) => valueOf(b, measure) - valueOf(a, measure);
}

interface DataOptions {
  earlier: ReadonlyMap<string, number> | undefined;
  measure: Measure;
  total: number;
  note: string | undefined;
  /** Is called after a row has filtered the view. */
  onPick: () => void;
}

function toData(
  title: string,
  rows: readonly RankedRow[],
  { earlier, measure, total, note, onPick }: DataOptions,
): Data {
  const main = measureName(measure);
  const other = others[measure];
  const hasOther = other !== undefined && rows.some((row) => row[other] !== undefined);
  return {
    columns: [
      { name: title, kind: 'id' },
      { name: main, kind: 'count' },
      { name: 'Share', kind: 'share' },
      ...(hasOther ? [{ name: measureName(other), kind: 'count' } as const] : []),
      ...(earlier
        ? [{ name: `${main} before`, kind: 'count' } as const, { name: 'Change', kind: 'change' } as const]
        : []),
    ],
    rows: rows.map((row) => {
      const value = valueOf(row, measure);
      const before = earlier?.get(row.key) ?? 0;
      return {
        key: row.key,
        values: [
          row.text,
          value,
          total > 0 ? value / total : null,
          ...(hasOther ? [row[other] ?? null] : []),
          ...(earlier ? [before, relativeChange(value, before) ?? null] : []),
        ],
        onPick: row.pick && (() => pickAnd(row.pick, onPick)),
      };
    }),
    note,
  };
}

/** What the table of a dialog lists besides. */
const others: Readonly<Partial<Record<Measure, Measure>>> = { views: 'clicks', clicks: 'views' };

function pickAnd(pick: PickRow | undefined, then: () => void): void {
  pick?.onPick();
  then();
}
