import { type CSSProperties, useState, useSyncExternalStore } from 'react';
import type { Retention } from '#schemas/api/insights/retention.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

export type Shown = 'rate' | 'people';

interface RetentionTableProps {
  retention: Retention;
  shown: Shown;
}

/** Columns that fit on a phone, and on anything wider. */
const columns = { narrow: 5, wide: 15 } as const;

/**
 * Cohorts by row and later periods by column, as many as fit. A darker cell has more people who came back; its text says how
 * many.
 */
export function RetentionTable({ retention: { by, cohorts, mean }, shown }: RetentionTableProps) {
  const [page, setPage] = useState(0);
  const width = useNarrow() ? columns.narrow : columns.wide;
  const shownCohorts = cohorts.slice(cohorts.findIndex(({ size }) => size !== 0));
  const begun = shownCohorts.flatMap(({ cells }) => cells.filter(({ state }) => state !== 'future').map(({ k }) => k));
  const last = Math.max(1, ...begun);
  const first = Math.min(page, Math.ceil(last / width) - 1) * width;
  const offsets = mean.slice(first, Math.min(last, first + width)).map(({ k }) => k);
  const unit = unitNames[by];
  return (
    <>
      <table className="heat" style={{ '--columns': width } as CSSProperties}>
        <caption className="visually-hidden">
          People who came back, by the {by} in which they came first and by {unit.many} after it
        </caption>
        <thead>
          <tr>
            <th scope="col">
              First {by}
              <small>People</small>
            </th>
            {offsets.map((k) => (
              <th key={k} scope="col">
                <span aria-hidden="true">{k}</span>
                <span className="visually-hidden">
                  {unit.one} {k}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr className="heat-mean">
            <th scope="row">
              Mean
              <small>ended {unit.many}</small>
            </th>
            {mean
              .filter(({ k }) => offsets.includes(k))
              .map(({ k, rate, cohorts: used }) => (
                <td key={k} style={heatOf(rate)}>
                  {formatRate(rate)}
                  <span className="visually-hidden"> of {plural(used, 'cohort')}</span>
                </td>
              ))}
          </tr>
          {groupEmpty(shownCohorts.toReversed()).map(([cohort, ...more]) =>
            more.length === 0 ? (
              <CohortRow key={cohort.period} by={by} cohort={cohort} offsets={offsets} shown={shown} />
            ) : (
              <EmptyRow key={cohort.period} by={by} cohorts={[cohort, ...more]} columns={offsets.length} />
            ),
          )}
        </tbody>
      </table>
      {last > width && (
        <nav className="pages-nav" aria-label={`${unit.one}s of the table`}>
          <button
            type="button"
            className="quiet small"
            disabled={first === 0}
            onClick={() => setPage(first / width - 1)}
          >
            Earlier
          </button>
          <span className="soft" role="status">
            {unit.one}s {first + 1} to {first + offsets.length} of {last}
          </span>
          <button
            type="button"
            className="quiet small"
            disabled={first + width >= last}
            onClick={() => setPage(first / width + 1)}
          >
            Later
          </button>
        </nav>
      )}
      <ul className="legend heat-legend">
        <li className="running-key">Still running</li>
        <li className="before-key">Began before this page had ids</li>
        <li className="hidden-key">&lt;5, &lt;3: too few to show</li>
      </ul>
    </>
  );
}

const narrow = window.matchMedia('(max-width: 640px)');

function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => narrow.removeEventListener('change', listener);
    },
    () => narrow.matches,
  );
}

type Cohort = Retention['cohorts'][number];
type Group = readonly [Cohort, ...Cohort[]];

/** Fewer cohorts without people are a row each. */
const emptyRows = 3;

/** Groups cohorts without people that follow one another, so that they take one row. Every other cohort is alone. */
function groupEmpty(cohorts: readonly Cohort[]): Group[] {
  const groups: [Cohort, ...Cohort[]][] = [];
  for (const cohort of cohorts) {
    const last = groups.at(-1);
    if (last !== undefined && last[0].size === 0 && cohort.size === 0) last.push(cohort);
    else groups.push([cohort]);
  }
  return groups.flatMap((group): Group[] =>
    group.length < emptyRows ? group.map((cohort): Group => [cohort]) : [group],
  );
}

/** @param cohorts the last one first */
function EmptyRow({ by, cohorts, columns: span }: { by: PeriodUnit; cohorts: Group; columns: number }) {
  const first = cohorts.at(-1) ?? cohorts[0];
  return (
    <tr>
      <th scope="row">
        {formatPeriod(first.period, by)}
        <small>to {formatPeriod(cohorts[0].period, by)}</small>
      </th>
      <td colSpan={span} className="heat-hidden">
        No new people
      </td>
    </tr>
  );
}

interface CohortRowProps {
  by: PeriodUnit;
  cohort: Cohort;
  offsets: readonly number[];
  shown: Shown;
}

function CohortRow({ by, cohort: { period, size, leftCut, cells }, offsets, shown }: CohortRowProps) {
  return (
    <tr className={leftCut ? 'before' : undefined}>
      <th scope="row">
        {formatPeriod(period, by)}
        <small>
          {typeof size === 'number' ? formatCount(size) : size}
          <span className="visually-hidden">
            {' '}
            people
            {leftCut && ', began before this page had ids'}
          </span>
        </small>
      </th>
      {cells.length === 0 ? (
        <td colSpan={offsets.length} className="heat-hidden">
          Fewer than 5 people
        </td>
      ) : (
        offsets.map((k) => <CohortCell key={k} cell={cells[k - 1]} shown={shown} />)
      )}
    </tr>
  );
}

function CohortCell({ cell, shown }: { cell: Cohort['cells'][number] | undefined; shown: Shown }) {
  if (cell === undefined || cell.state === 'future') return <td aria-label="Not yet" className="heat-future" />;
  const { back, rate, state } = cell;
  if (back === null) return <td aria-label="No people in the cohort" className="heat-future" />;
  const text =
    shown === 'rate' && typeof back === 'number' ? formatRate(rate) : back === '<3' ? back : formatCount(back);
  return (
    <td className={state === 'closed' ? undefined : `heat-${state}`} style={heatOf(rate)}>
      {text}
      {state === 'running' && <span className="visually-hidden">, still running</span>}
    </td>
  );
}

const unitNames: Readonly<Record<PeriodUnit, { one: string; many: string }>> = {
  day: { one: 'Day', many: 'days' },
  week: { one: 'Week', many: 'weeks' },
  month: { one: 'Month', many: 'months' },
};

const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });

export function formatPeriod(period: string, by: PeriodUnit): string {
  return by === 'month' ? monthFormat.format(Date.parse(period)) : formatDate(period);
}

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });

/** `50%`: a cell has no room for decimals. */
function formatRate(rate: number | null): string {
  return rate === null ? '–' : percent.format(rate);
}

/** The share of the accent in a cell's color: at most 60%, so that its text can be read. */
function heatOf(rate: number | null): CSSProperties {
  return { '--heat': `${Math.round((rate ?? 0) * 60)}%` } as CSSProperties;
}
