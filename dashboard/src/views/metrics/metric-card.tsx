import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type MetricValues, metricValuesSchema, type MetricView } from '#schemas/insights/metrics.ts';
import { formatMetric } from '#core/metrics/format-metric.ts';
import { toShown } from '#core/metrics/shown.ts';
import { useApi } from '../../api/context.tsx';
import { type ChartOrTable, ChartOrTableControl } from '../../chart/chart-or-table.tsx';
import { TimeChart } from '../../chart/time-chart.tsx';
import { Loaded, Notice, Panel } from '../../components/panel.tsx';
import { DataRows } from '../../expand/data-rows.tsx';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { plural } from '../../format/numbers.ts';
import { dateIn, formatDate, formatDates, formatInstant, formatPoint } from '../../format/times.ts';
import { useNow } from '../../range/use-now.ts';
import { describeCompleteness, describeState, lastSettled, toData, versionMarks } from './metric-series.ts';
import { type MetricSpan, rangeOfSpan } from './metric-spans.ts';
import { describeAlert, describeStatus, formatMetricTick } from './metric-words.ts';

interface MetricCardProps {
  page: string;
  zone: string;
  metric: MetricView;
  span: MetricSpan;
  /** Absent for a share. */
  onEdit?: () => void;
}

/** One metric: its total, its goal, its alert, its values over time, and how fresh and complete they are. */
export function MetricCard({ page, zone, metric, span, onEdit }: MetricCardProps) {
  const now = useNow();
  const [format, setFormat] = useState<ChartOrTable>('chart');
  const expansion = useExpansion();
  const range = rangeOfSpan(span, dateIn(zone, now));
  const values = useMetricValues(page, metric, range);
  return (
    <Panel
      title={metric.name}
      className="metric"
      actions={
        <>
          {onEdit && (
            <button type="button" className="quiet small" onClick={onEdit}>
              Edit<span className="visually-hidden"> {metric.name}</span>
            </button>
          )}
          <ChartOrTableControl label={`${metric.name} as`} value={format} onChange={setFormat} />
        </>
      }
      onExpand={expansion.show}
    >
      <Loaded query={values} rows={6}>
        {(found) => (
          <>
            <Summary values={found} />
            {format === 'table' ? (
              <DataRows label={`${metric.name} over time`} {...toData(found)} />
            ) : (
              <Chart values={found} />
            )}
            <Remarks values={found} />
            <p className="metric-fresh">{describeFreshness(found, zone, now)}</p>
            {found.errors.map(({ part, message }) => (
              <Notice key={part}>{message}</Notice>
            ))}
            <Expanded
              expansion={expansion}
              title={metric.name}
              file={`${page}-${metric.name}-${found.from}-to-${found.to}`}
              data={() => toData(found)}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function useMetricValues(page: string, { id, version }: MetricView, range: ReturnType<typeof rangeOfSpan>) {
  const api = useApi();
  return useQuery({
    queryKey: ['metric-values', page, id, version, range],
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/metrics/:id/values', metricValuesSchema, {
        param: { page, id },
        query: range,
        signal,
      }),
    placeholderData: keepPreviousData,
  });
}

function Summary({ values: { metric, total, goal, alert, from, to } }: { values: MetricValues }) {
  return (
    <>
      <p className="metric-total">
        <b>{total.error === 'overflow' ? '–' : formatMetric(total.value, metric)}</b>{' '}
        <span className="soft">{formatDates(from, to)}</span>
      </p>
      {goal && metric.goal && (
        <p className={`goal-status ${goal.pace ?? ''}`}>{describeStatus(goal, metric.goal, metric)}</p>
      )}
      {metric.alert && (
        <p className={alert !== null && alert.since !== null ? 'goal-status behind' : 'goal-status'}>
          {describeAlert(alert, metric.alert, metric)}
        </p>
      )}
    </>
  );
}

function Chart({ values: { metric, rows, by } }: { values: MetricValues }) {
  const marks = versionMarks(rows);
  const changed = marks.length > 0 ? `, ${plural(marks.length, 'change')} of its definition marked` : '';
  return (
    <figure className="chart" aria-label={`${metric.name} over time${changed}. The table shows the same numbers.`}>
      <TimeChart
        height={180}
        fine
        formatValue={(tick) => formatMetricTick(tick, metric)}
        starts={rows.map(({ start }) => start)}
        lines={[
          {
            className: 'views',
            area: true,
            values: rows.map(({ value }) => (value === null ? null : toShown(value, metric))),
          },
        ]}
        unsettledFrom={lastSettled(rows)}
        marks={marks}
        tip={(index) => {
          const row = rows[index];
          if (!row) return null;
          return (
            <>
              <b>{by === 'day' ? formatPoint(row.start) : `From ${formatDate(row.start)}`}</b>
              <span className="views">{formatMetric(row.value, metric)}</span>
              <span className="soft">{describeState(row)}</span>
              {marks.includes(index) && <span className="noted">Version {row.version} of the definition</span>}
            </>
          );
        }}
      />
    </figure>
  );
}

/** `Live, as of 14:20 · exact before 13:00`, or `From stored events, before 13:00`. */
function describeFreshness({ metric, freshness }: MetricValues, zone: string, now: number): string {
  const { hot, settledThrough } = freshness;
  const settled = settledThrough === null ? undefined : formatInstant(settledThrough, zone, now);
  if (metric.source === 'lake')
    return settled === undefined
      ? 'From stored events. No hour has settled yet.'
      : `From stored events, before ${settled} · ${zone}`;
  return `Live, as of ${formatInstant(hot, zone, now)}${settled === undefined ? '' : ` · exact before ${settled}`} · ${zone}`;
}

/** What the total does not include. */
function Remarks({ values: { total, rows } }: { values: MetricValues }) {
  const pending = rows.some(({ state }) => state === 'pending');
  const remarks = [
    ...(total.error === 'overflow'
      ? ['The total is beyond 2^53, where numbers are not exact, so it is not shown.']
      : []),
    ...(total.known < total.days ? [describeCompleteness(total)] : []),
    ...(pending ? ['The history is computed when the next hour settles.'] : []),
    ...(total.ignored > 0
      ? [`${plural(total.ignored, 'event')} had no number, or another currency, and are not in it.`]
      : []),
    ...(versionMarks(rows).length > 0
      ? ['Days before a mark have an earlier definition, and are not in the total.']
      : []),
  ];
  return remarks.length === 0 ? null : <p className="unsettled">{remarks.join(' ')}</p>;
}
