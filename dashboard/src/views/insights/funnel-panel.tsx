import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { type Funnel, type FunnelReport, funnelReportSchema, funnelsSchema } from '#schemas/api/insights/funnels.ts';
import { type DimensionName, dimensionNames, dimensions } from '#schemas/dimensions.ts';
import { useApi } from '../../api/context.tsx';
import { SelectField } from '../../components/inputs.tsx';
import { Empty, Loaded, Notice, Panel } from '../../components/panel.tsx';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { formatShare, plural } from '../../format/numbers.ts';
import { formatInstant } from '../../format/times.ts';
import { PeriodPicker } from '../../range/pickers.tsx';
import { readRange } from '../../range/range.ts';
import { useNow } from '../../range/use-now.ts';
import { useLocation, useSetQuery } from '../../router/location.ts';
import { toFunnelData } from './funnel-data.ts';
import { FunnelSteps, FunnelValues } from './funnel-steps.tsx';
import type { InsightsProps } from './retention-panel.tsx';
import { LowCoverage, Unavailable } from './unavailable.tsx';

const FunnelDialog = lazy(() => import('./funnel-dialog.tsx'));

/** How many visits or people go from step to step, in a saved funnel of the page. The URL holds which. */
export function FunnelPanel({ page, zone, readOnly = false }: InsightsProps) {
  const { query } = useLocation();
  const change = useSetQuery();
  const [edited, setEdited] = useState<Funnel | 'new'>();
  const expansion = useExpansion();
  const now = useNow();
  const range = readRange(query, zone, now);
  const by = dimensionNames.find((name) => name === query.get('breakdown'));
  const funnels = useFunnels(page);
  const rows = funnels.data?.rows ?? [];
  const funnel = rows.find(({ id }) => id === query.get('funnel')) ?? rows[0];
  const report = useReport(page, funnel?.id, { from: range.dates.from, to: range.dates.to, by });
  return (
    <Panel
      title="Funnels"
      className="wide"
      hint={<Explanation />}
      actions={
        !readOnly && (
          <>
            {funnel && (
              <button type="button" className="quiet small" onClick={() => setEdited(funnel)}>
                Edit funnel
              </button>
            )}
            <button type="button" className="quiet small" onClick={() => setEdited('new')}>
              New funnel
            </button>
          </>
        )
      }
      onExpand={report.data && report.data.steps.length > 0 ? expansion.show : undefined}
    >
      <Loaded query={funnels} rows={4}>
        {() =>
          funnel === undefined ? (
            <Empty>
              No funnels yet. A funnel shows how many visits go from one step to the next, such as from a view to an
              order.
            </Empty>
          ) : (
            <div className="stack">
              <div className="insight-tools">
                <SelectField
                  label="Funnel"
                  options={rows.map(({ id, name }) => ({ value: id, label: name }))}
                  value={funnel.id}
                  onChange={(id) => change({ funnel: id })}
                />
                <SelectField
                  label="Break down by"
                  options={breakdowns}
                  value={by ?? ''}
                  onChange={(value) => change({ breakdown: value === '' ? null : value })}
                />
                <PeriodPicker range={range} ofPages change={change} />
              </div>
              <Loaded query={report} rows={funnel.steps.length * 2}>
                {(value) => (
                  <>
                    <Report report={value} page={page} zone={zone} now={now} readOnly={readOnly} />
                    <Expanded
                      expansion={expansion}
                      title={value.funnel.name}
                      file={`${page} funnel ${value.funnel.name} ${value.from} ${value.to}`}
                      data={() => toFunnelData(value)}
                    />
                  </>
                )}
              </Loaded>
            </div>
          )
        }
      </Loaded>
      {edited !== undefined && (
        <Suspense>
          <FunnelDialog
            key={edited === 'new' ? 'new' : edited.id}
            page={page}
            zone={zone}
            stored={edited === 'new' ? undefined : edited}
            onSaved={(id) => change({ funnel: id })}
            onClose={() => setEdited(undefined)}
          />
        </Suspense>
      )}
    </Panel>
  );
}

const breakdowns: readonly { value: DimensionName | ''; label: string }[] = [
  { value: '', label: 'Nothing' },
  ...dimensionNames.map((name) => ({ value: name, label: dimensions[name].label })),
];

function useFunnels(page: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['funnels', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/funnels', funnelsSchema, { param: { page }, signal }),
  });
}

function useReport(
  page: string,
  id: string | undefined,
  query: { from: string; to: string; by: DimensionName | undefined },
) {
  const api = useApi();
  return useQuery({
    queryKey: ['funnel', page, id, query],
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/funnels/:id/report', funnelReportSchema, {
        param: { page, id: id ?? '' },
        query,
        signal,
      }),
    enabled: id !== undefined,
    placeholderData: keepPreviousData,
  });
}

interface ReportProps {
  report: FunnelReport;
  page: string;
  zone: string;
  now: number;
  readOnly: boolean;
}

function Report({ report, page, zone, now, readOnly }: ReportProps) {
  const { unavailable, errors, coverage, settledThrough, funnel } = report;
  if (unavailable !== null) return <Unavailable page={page} reason={unavailable} readOnly={readOnly} />;
  return (
    <div className="stack">
      {errors.map(({ part, message }) => (
        <Notice key={part}>{message}</Notice>
      ))}
      <FunnelSteps report={report} />
      <FunnelValues report={report} />
      <LowCoverage coverage={coverage} />
      <p className="freshness">
        <span>
          {funnel.unit === 'person'
            ? `People, within ${plural(funnel.windowDays, 'day')} · ${formatShare(coverage.share)} of the events have the id of one`
            : `Within a visit · ${formatShare(coverage.share)} of the events belong to one`}
          {settledThrough !== null && ` · exact before ${formatInstant(settledThrough, zone, now)}`} · {zone}
        </span>
      </p>
    </div>
  );
}

function Explanation() {
  return (
    <>
      <p>
        Each step is an event after the one before. The earliest one counts, and each visit or person once, as far as
        they came.
      </p>
      <p>
        A visit ends after 30 minutes without an event, and with the day. By person, only people who agreed to an id are
        followed, over days.
      </p>
      <p>Fewer than 5 people are hidden. Numbers end with the last settled hour.</p>
    </>
  );
}
