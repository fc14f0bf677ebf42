import type { ReactNode } from 'react';
import { timeZones } from '../format/times.ts';
import { type SetQuery, useSetQuery } from '../router/location.ts';
import { ComparisonPicker, PeriodPicker } from './pickers.tsx';
import { maxHourlyDays, type Range } from './range.ts';

interface RangeBarProps {
  range: Range;
  /** Undefined for a view of several pages, which shows whole days only. */
  pageZone?: string;
  /** Offers a comparison with another period. */
  comparable?: boolean;
  /** Filters, for views that have some. */
  children?: ReactNode;
}

/** Controls for period, comparison, time zone and filters; each of them only changes the query string. */
export function RangeBar({ range, pageZone, comparable = false, children }: RangeBarProps) {
  const change = useSetQuery();
  return (
    <div className="range-bar" role="group" aria-label="Period and filters" tabIndex={-1}>
      <PeriodPicker range={range} ofPages={pageZone === undefined} change={change} />
      {comparable && <ComparisonPicker range={range} change={change} />}
      {pageZone !== undefined && <Zone range={range} pageZone={pageZone} change={change} />}
      {children}
    </div>
  );
}

function Zone({ range, pageZone, change }: { range: Range; pageZone: string; change: SetQuery }) {
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
        <optgroup label={`Other time zones, up to ${maxHourlyDays} days by hour`}>
          {timeZones()
            .filter((zone) => zone !== pageZone)
            .map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
        </optgroup>
      </select>
    </span>
  );
}
