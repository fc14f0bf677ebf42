import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ChangeMeasure, type Changes, changesSchema } from '#schemas/api/changes.ts';
import { dimensions as dimensionList } from '#schemas/dimensions.ts';
import { useApi } from '../../api/context.tsx';
import type { Subject } from '../../api/queries.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty, Loaded, Notice } from '../../components/panel.tsx';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { valueName } from '../../format/names.ts';
import { formatCount, formatShare } from '../../format/numbers.ts';
import { formatDates } from '../../format/times.ts';
import { type Range, toStatsQuery } from '../../range/range.ts';

interface ChangesDialogProps {
  subject: Subject;
  range: Range;
  onClose: () => void;
}

/** Why the range differs from the one it is compared with: in words, and by value of each dimension. */
export default function ChangesDialog({ subject, range, onClose }: ChangesDialogProps) {
  const [measure, setMeasure] = useState<ChangeMeasure>();
  const query = useChanges(subject, range, measure);
  return (
    <Dialog title="What changed" wide onClose={onClose}>
      <Loaded query={query} rows={8}>
        {(changes) => (
          <div className="stack changes">
            <div className="table-tools">
              <span className="soft">
                {formatSpan(changes.periods.after)}, compared with {formatSpan(changes.periods.before)}
              </span>
              {subject.kind === 'pages' && (
                <SegmentedControl
                  label="Measure"
                  options={measures}
                  value={measure ?? changes.measure}
                  onChange={setMeasure}
                />
              )}
            </div>
            <ul className="facts">
              {changes.words.map((words) => (
                <li key={words}>
                  <bdi>{words}</bdi>
                </li>
              ))}
            </ul>
            {changes.errors.map(({ part, message }) => (
              <Notice key={part}>{message}</Notice>
            ))}
            {changes.before === 0 && changes.after === 0 && <Empty>Nothing in either period.</Empty>}
            {changes.dimensions.map((each) => (
              <DimensionTable key={each.dimension} {...each} measure={changes.measure} />
            ))}
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

const measures = [
  { value: 'views', label: 'Views' },
  { value: 'clicks', label: 'Clicks' },
  { value: 'rate', label: 'Click-through rate' },
] as const;

function useChanges(subject: Subject, range: Range, measure: ChangeMeasure | undefined) {
  const api = useApi();
  const query = {
    ...toStatsQuery(range),
    period: range.compare ?? 'previous',
    measure: subject.kind === 'links' ? 'clicks' : measure,
  };
  return useQuery({
    queryKey: ['changes', subject, query],
    queryFn: ({ signal }) =>
      subject.kind === 'pages'
        ? api.send('get', '/pages/:page/changes', changesSchema, { param: { page: subject.name }, query, signal })
        : api.send('get', '/links/:code/changes', changesSchema, { param: { code: subject.name }, query, signal }),
    placeholderData: keepPreviousData,
  });
}

function formatSpan({ from, to }: { from: string; to: string }): string {
  return formatDates(from, to);
}

type DimensionChange = Changes['dimensions'][number];

/** Values shown of each dimension; the API has more. */
const shownValues = 6;

function DimensionTable({ dimension, values, others, parts, measure }: DimensionChange & { measure: ChangeMeasure }) {
  const { label, plural } = dimensionList[dimension];
  const shown = values.filter(({ change }) => change !== 0).slice(0, shownValues);
  if (shown.length === 0) return null;
  return (
    <section>
      <h3>{dimension === 'referrer' ? 'Types of sources' : plural}</h3>
      {parts !== null && <p className="soft">{describeParts(parts)}</p>}
      <DataTable
        label={`The change by ${label.toLowerCase()}`}
        className="data-table"
        columns={[{ name: label, align: 'text' }, 'Before', 'After', measure === 'rate' ? 'Points' : 'Change']}
      >
        {shown.map(({ value, title, before, after, change }) => (
          <tr key={value}>
            <th scope="row" className="text" dir="auto">
              {dimension === 'link' ? (title ?? `/${value}`) : valueName(dimension, value)}
            </th>
            <td>{amountOf(before, measure)}</td>
            <td>{amountOf(after, measure)}</td>
            <td>{signed(change, measure)}</td>
          </tr>
        ))}
        {others !== null && (
          <tr>
            <th scope="row" className="text soft">
              Others
            </th>
            <td>{amountOf(others.before, measure)}</td>
            <td>{amountOf(others.after, measure)}</td>
            <td>{signed(others.change, measure)}</td>
          </tr>
        )}
      </DataTable>
    </section>
  );
}

/** "−1.5 points from other visitors, −0.6 points from visitors who click less often." */
function describeParts({ mix, rate }: { mix: number; rate: number }): string {
  return `${signed(mix, 'rate')} points from other visitors, ${signed(rate, 'rate')} points from visitors who click ${rate < 0 ? 'less' : 'more'} often.`;
}

function amountOf({ views, clicks }: { views: number; clicks: number }, measure: ChangeMeasure): string {
  if (measure !== 'rate') return formatCount(measure === 'views' ? views : clicks);
  // A link has clicks only.
  return views === 0 ? formatCount(clicks) : formatShare(Math.min(1, clicks / views));
}

/** A rate in percentage points. */
function signed(change: number, measure: ChangeMeasure): string {
  const sign = change < 0 ? '−' : '+';
  return `${sign}${measure === 'rate' ? Math.abs(change * 100).toFixed(1) : formatCount(Math.abs(change))}`;
}
