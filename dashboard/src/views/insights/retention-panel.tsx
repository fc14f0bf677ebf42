import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Retention, retentionSchema } from '#schemas/api/insights/retention.ts';
import { useApi } from '../../api/context.tsx';
import { SelectField } from '../../components/inputs.tsx';
import { Loaded, Notice, Panel } from '../../components/panel.tsx';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { formatCount, formatShare, plural } from '../../format/numbers.ts';
import { addDays, dateIn, formatDate, formatInstant } from '../../format/times.ts';
import { useNow } from '../../range/use-now.ts';
import { useLocation, useSetQuery } from '../../router/location.ts';
import { EventField, parseMatch } from './event-field.tsx';
import { toRetentionData } from './retention-data.ts';
import { RetentionTable, type Shown } from './retention-table.tsx';
import { LowCoverage, Unavailable } from './unavailable.tsx';
import type { PeriodUnit } from '#schemas/time/periods.ts';

export interface InsightsProps {
  /** Path of the page without its slash. */
  page: string;
  zone: string;
  /** Of a share: nothing can be set up. */
  readOnly?: boolean;
}

/** Who came back, by the period in which they came first. The URL holds what is shown. */
export function RetentionPanel({ page, zone, readOnly = false }: InsightsProps) {
  const { query } = useLocation();
  const change = useSetQuery();
  const now = useNow();
  const [shown, setShown] = useState<Shown>('rate');
  const expansion = useExpansion();
  const by = units.find(({ value }) => value === query.get('by'))?.value ?? 'week';
  const length = lengths[by].find(({ value }) => String(value) === query.get('cohorts'))?.value ?? lengths[by][0].value;
  const retention = useRetention(page, {
    by,
    from: by === 'month' ? undefined : addDays(dateIn(zone, now), (1 - length) * (by === 'week' ? 7 : 1)),
    start: query.get('start') ?? undefined,
    return: query.get('return') ?? undefined,
    mode: query.get('mode') === 'each' ? 'each' : 'first',
    unbounded: query.get('later') === 'true' ? 'true' : 'false',
  });
  return (
    <Panel
      title="Retention"
      className="wide"
      hint={<Explanation />}
      onExpand={retention.data && retention.data.unavailable === null ? expansion.show : undefined}
    >
      <div className="stack">
        {retention.data?.unavailable?.reason !== 'identities-off' && (
          <div className="insight-tools">
            <SegmentedControl
              label="Periods"
              options={units}
              value={by}
              onChange={(value) => change({ by: value, cohorts: null })}
            />
            {lengths[by].length > 1 && (
              <SelectField
                label="Cohorts"
                options={lengths[by]}
                value={length}
                onChange={(value) => change({ cohorts: String(value) })}
              />
            )}
            <EventField
              label="Came for"
              page={page}
              zone={zone}
              value={parseMatch(query.get('start'))}
              onChange={(value) => change({ start: value })}
            />
            <EventField
              label="Came back for"
              page={page}
              zone={zone}
              value={parseMatch(query.get('return'))}
              onChange={(value) => change({ return: value })}
            />
            <SelectField
              label="Cohort of"
              options={modes}
              value={query.get('mode') === 'each' ? 'each' : 'first'}
              onChange={(value) => change({ mode: value === 'each' ? value : null })}
            />
            <SelectField
              label="Counts if they return"
              options={bounds}
              value={query.get('later') === 'true' ? 'true' : 'false'}
              onChange={(value) => change({ later: value === 'true' ? value : null })}
            />
          </div>
        )}
        <Loaded query={retention} rows={8}>
          {(value) =>
            value.unavailable === null ? (
              <div className="stack">
                {value.errors.map(({ part, message }) => (
                  <Notice key={part}>{message}</Notice>
                ))}
                <SegmentedControl label="Show" options={shownValues} value={shown} onChange={setShown} />
                <RetentionTable retention={value} shown={shown} />
                <Completeness retention={value} zone={zone} now={now} />
                <Expanded
                  expansion={expansion}
                  title="Retention"
                  file={`${page} retention by ${by} ${value.from} ${value.to}`}
                  data={() => toRetentionData(value)}
                />
              </div>
            ) : (
              <Unavailable page={page} reason={value.unavailable} readOnly={readOnly} />
            )
          }
        </Loaded>
      </div>
    </Panel>
  );
}

const units = [
  { value: 'day', label: 'Days' },
  { value: 'week', label: 'Weeks' },
  { value: 'month', label: 'Months' },
] as const satisfies readonly { value: PeriodUnit; label: string }[];

/** Cohorts to choose from, within the API's bounds; the first is the default. */
const lengths = {
  day: [
    { value: 14, label: '14 days' },
    { value: 30, label: '30 days' },
    { value: 60, label: '60 days' },
  ],
  week: [
    { value: 12, label: '12 weeks' },
    { value: 26, label: '26 weeks' },
    { value: 53, label: '53 weeks' },
  ],
  month: [{ value: 12, label: '12 months' }],
} as const satisfies Record<PeriodUnit, readonly { value: number; label: string }[]>;

const modes = [
  { value: 'first', label: 'Their first visit' },
  { value: 'each', label: 'Every visit' },
] as const;

const bounds = [
  { value: 'false', label: 'In the period' },
  { value: 'true', label: 'In it or later' },
] as const;

const shownValues = [
  { value: 'rate', label: 'Percent' },
  { value: 'people', label: 'People' },
] as const;

interface RetentionQuery {
  by: PeriodUnit;
  from: string | undefined;
  start: string | undefined;
  return: string | undefined;
  mode: 'first' | 'each';
  unbounded: 'true' | 'false';
}

function useRetention(page: string, query: RetentionQuery) {
  const api = useApi();
  return useQuery({
    queryKey: ['retention', page, query],
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/retention', retentionSchema, { param: { page }, query, signal }),
    placeholderData: keepPreviousData,
  });
}

function Explanation() {
  return (
    <>
      <p>
        Of the people who came first in a period, how many came back later. Only people whose id your site passes, with
        their consent, can be recognized on another day.
      </p>
      <p>
        <b>Hatched</b> cells are still running and in no mean. <b>Dashed</b> cohorts began before this page had ids:
        people in them may have come earlier.
      </p>
      <p>Cohorts of fewer than 5 people are hidden. Only the page’s creator sees whether 1 or 2 came back.</p>
    </>
  );
}

/** How many of the visitors the table is about, and how fresh it is. */
function Completeness({ retention, zone, now }: { retention: Retention; zone: string; now: number }) {
  const { coverage, identitiesSince, identityConflicts, settledThrough } = retention;
  return (
    <>
      <LowCoverage coverage={coverage} />
      <p className="freshness">
        <span>
          {formatCount(coverage.withId)} of {plural(coverage.counted, 'event')} ({formatShare(coverage.share)}) have the
          id of a person
          {identitiesSince !== null && ` · ids since ${formatDate(identitiesSince)}`}
          {identityConflicts > 0 && ` · ${plural(identityConflicts, 'device')} of several people`}
          {settledThrough !== null && ` · exact before ${formatInstant(settledThrough, zone, now)}`} · {zone}
        </span>
      </p>
    </>
  );
}
