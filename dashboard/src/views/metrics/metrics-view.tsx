import { lazy, Suspense, useState } from 'react';
import { metricLimits, type MetricView } from '#schemas/insights/metrics.ts';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { useSetQuery, useLocation } from '../../router/location.ts';
import { MetricCard } from './metric-card.tsx';
import { useMetrics } from './use-metrics.ts';
import { metricSpans, type MetricSpan } from './metric-spans.ts';

interface MetricsViewProps {
  /** Path of the page without the slash. */
  page: string;
  zone: string;
  /** Of a share: without what changes something. */
  readOnly?: boolean;
}

/** Numbers of the page's own, each with its chart and its goal. */
export default function MetricsView({ page, zone, readOnly = false }: MetricsViewProps) {
  const { query } = useLocation();
  const change = useSetQuery();
  const metrics = useMetrics(page);
  const [editing, setEditing] = useState<MetricView | 'new'>();
  const span = metricSpans.find(({ value }) => value === query.get('span'))?.value ?? 'days';
  const isFull = (metrics.data?.length ?? 0) >= metricLimits.ofPage;
  return (
    <>
      <div className="metrics-head">
        <SegmentedControl<MetricSpan>
          label="Period"
          options={metricSpans}
          value={span}
          onChange={(value) => change({ span: value })}
        />
        {!readOnly && (
          <button type="button" className="primary" disabled={isFull} onClick={() => setEditing('new')}>
            New metric
          </button>
        )}
      </div>
      {isFull && !readOnly && <p className="soft">A page has at most {metricLimits.ofPage} metrics.</p>}
      <Loaded query={metrics}>
        {(rows) =>
          rows.length === 0 ? (
            <Panel title="Metrics">
              <Empty>
                {readOnly
                  ? 'This share link shows no metrics.'
                  : 'No metrics yet. Define a number of your own from clicks, views and events, such as sales per click.'}
              </Empty>
            </Panel>
          ) : (
            <div className="grid metrics-grid">
              {rows.map((metric) => (
                <MetricCard
                  key={metric.id}
                  page={page}
                  zone={zone}
                  metric={metric}
                  span={span}
                  {...(!readOnly && { onEdit: () => setEditing(metric) })}
                />
              ))}
            </div>
          )
        }
      </Loaded>
      {editing !== undefined && (
        <Suspense>
          <MetricEditor
            page={page}
            stored={editing === 'new' ? undefined : editing}
            onClose={() => setEditing(undefined)}
          />
        </Suspense>
      )}
    </>
  );
}

const MetricEditor = lazy(() => import('./metric-editor.tsx'));
