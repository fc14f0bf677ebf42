import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import { type ImportedList, importedLists } from '#schemas/history/imported-counts.ts';
import { Bars } from '../../components/bars.tsx';
import { Panel } from '../../components/panel.tsx';
import type { Data } from '../../expand/data-table.ts';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { valueName } from '../../format/names.ts';
import { measureWords } from '../../format/traffic.ts';

const names: Readonly<Record<ImportedList, string>> = {
  source: 'Sources',
  page: 'Pages',
  country: 'Countries',
  device: 'Devices',
  browser: 'Browsers',
  os: 'Systems',
};

interface ImportedListsProps {
  counts: ImportedCounts;
  /** Name of an exported file. */
  file: string;
}

/** How other tools have broken down the imported counts, if they have. */
export default function ImportedLists({ counts, file }: ImportedListsProps) {
  const expansion = useExpansion();
  const known = importedLists.filter((list) => counts.lists[list].rows.length > 0);
  if (known.length === 0) return null;
  return (
    <Panel title="Imported breakdowns" className="wide" onExpand={expansion.show}>
      <div className="stack">
        <div className="imported-lists">
          {known.map((list) => (
            <section key={list} aria-label={`Imported ${names[list].toLowerCase()}`}>
              <h3>{names[list]}</h3>
              <List list={list} counts={counts.lists[list]} />
            </section>
          ))}
        </div>
        <p className="soft">
          As the other tools counted them: not checked for bots, and at most 25 values of each day.
        </p>
      </div>
      <Expanded expansion={expansion} title="Imported breakdowns" file={file} data={() => toData(counts, known)} />
    </Panel>
  );
}

function List({
  list,
  counts: { measure, rows },
}: {
  list: ImportedList;
  counts: ImportedCounts['lists'][ImportedList];
}) {
  return (
    <Bars
      bars={rows.map(({ value, count }) => ({
        key: value ?? '',
        label: nameOf(list, value),
        title: nameOf(list, value),
        value: count,
      }))}
      total={totalOf(rows)}
      unit={measureWords[measure]}
      empty=""
    />
  );
}

function totalOf(rows: readonly { count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

/** Null is the sum of what a tool or an import has left out, and of what the tool did not know. */
function nameOf(list: ImportedList, value: string | null): string {
  if (value === null) return list === 'source' ? 'Direct or other' : 'Unknown or other';
  if (list === 'country') return valueName(list, value);
  return list === 'device' ? valueName(list, value.toLowerCase()) : value;
}

function toData({ lists }: ImportedCounts, known: readonly ImportedList[]): Data {
  return {
    columns: [
      { name: 'Breakdown', kind: 'text' },
      { name: 'Value', kind: 'id' },
      { name: 'Imported', kind: 'count' },
      { name: 'Share', kind: 'share' },
    ],
    rows: known.flatMap((list) => {
      const total = totalOf(lists[list].rows);
      return lists[list].rows.map(({ value, count }) => ({
        key: `${list} ${value}`,
        values: [names[list], nameOf(list, value), count, total > 0 ? count / total : null],
      }));
    }),
  };
}
