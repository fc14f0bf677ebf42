import { type DimensionName, dimensionNames, dimensions } from '#schemas/dimensions.ts';
import { valueName } from '../format/names.ts';
import { formatDate, timeZones } from '../format/times.ts';
import { SegmentedControl } from '../components/segmented-control.tsx';
import { Hint } from '../components/hint.tsx';
import { navigate, useLocation, withQuery } from '../router/location.ts';
import { maxHourlyDays, type Preset, presets, presetsOfPages, type Range } from './range.ts';

const labels: Readonly<Record<Preset, string>> = {
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  '365d': '1 year',
};

interface RangeBarProps {
  range: Range;
  /** Undefined for a view of several pages, which shows whole days only. */
  pageZone?: string;
  /** Offers a comparison with the previous period. */
  comparable?: boolean;
}

/** Controls for period, comparison, time zone and filters; each of them only changes the query string. */
export function RangeBar({ range, pageZone, comparable = false }: RangeBarProps) {
  const change = useSetQuery();
  const maxDays = range.zone === undefined ? Infinity : maxHourlyDays;
  const shown = pageZone === undefined ? presetsOfPages : (Object.keys(presets) as Preset[]);
  const options = shown.map((value) => ({
    value,
    label: labels[value],
    disabled: presets[value] > maxDays,
  }));
  return (
    <div className="range-bar" role="group" aria-label="Period and filters" tabIndex={-1}>
      <SegmentedControl
        label="Period"
        options={options}
        value={range.preset === 'custom' ? ('' as Preset) : range.preset}
        onChange={(preset) => change({ range: preset, from: null, to: null })}
      />
      <Dates range={range} change={change} />
      {comparable && (
        <label className="check">
          <input
            type="checkbox"
            checked={range.compare}
            onChange={({ target }) => change({ compare: target.checked ? 'previous' : null })}
          />
          Compare to previous period
        </label>
      )}
      {pageZone !== undefined && <Zone range={range} pageZone={pageZone} change={change} />}
      <Filters range={range} change={change} />
      {comparable && range.compare && (
        <p className="previous-period">
          Compared to {formatDate(range.previous.from.slice(0, 10))} – {formatDate(range.previous.to.slice(0, 10))}
          {range.live && ', up to the same time of day'}
        </p>
      )}
    </div>
  );
}

/** Returns a function that changes values of the query string; null removes one. */
export function useSetQuery() {
  const { path, query } = useLocation();
  return (changes: Readonly<Record<string, string | null>>): void => navigate(path + withQuery(query, changes));
}

function Dates({ range, change }: { range: Range; change: ReturnType<typeof useSetQuery> }) {
  const [from, to] = [range.from.slice(0, 10), range.to.slice(0, 10)];
  function set(next: { from?: string; to?: string }): void {
    const both = { from, to, ...next };
    if (both.from !== '' && both.to !== '' && both.from <= both.to) change({ ...both, range: null });
  }
  return (
    <span className="dates">
      <label>
        <span className="visually-hidden">From</span>
        <input type="date" value={from} max={to} onChange={(event) => set({ from: event.target.value })} />
      </label>
      <span aria-hidden="true">–</span>
      <label>
        <span className="visually-hidden">To</span>
        <input type="date" value={to} min={from} onChange={(event) => set({ to: event.target.value })} />
      </label>
    </span>
  );
}

function Zone({ range, pageZone, change }: { range: Range; pageZone: string; change: ReturnType<typeof useSetQuery> }) {
  return (
    <span className="zone">
      <select
        aria-label="Time zone"
        value={range.zone ?? pageZone}
        onChange={({ target }) => change({ tz: target.value === pageZone ? null : target.value })}
      >
        <optgroup label="Page time zone">
          <option>{pageZone}</option>
        </optgroup>
        <optgroup label="Other time zones">
          {timeZones()
            .filter((zone) => zone !== pageZone)
            .map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
        </optgroup>
      </select>
      <Hint about="time zones">
        <p>
          Days are counted in the page’s time zone, <b>{pageZone}</b>. In another time zone, you can see up to{' '}
          {maxHourlyDays} days by hour, because its days split the page’s days.
        </p>
      </Hint>
    </span>
  );
}

function Filters({ range, change }: { range: Range; change: ReturnType<typeof useSetQuery> }) {
  const chosen = dimensionNames.flatMap((name): [DimensionName, string][] => {
    const value = range.filters[name];
    return value === undefined ? [] : [[name, value]];
  });
  if (chosen.length === 0) return null;
  return (
    <ul className="filters" aria-label="Filters">
      {chosen.map(([name, value]) => (
        <li key={name}>
          <button
            type="button"
            onClick={({ currentTarget }) => {
              // The button disappears, so the focus moves to the filter controls.
              currentTarget.closest<HTMLElement>('.range-bar')?.focus({ preventScroll: true });
              change({ [name]: null });
            }}
          >
            <span>{dimensions[name].label}:</span> <b dir="auto">{valueName(name, value)}</b>
            <span aria-hidden="true"> ×</span>
            <span className="visually-hidden"> (remove filter)</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
