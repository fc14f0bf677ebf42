import { addDays, formatDates } from '../format/times.ts';
import type { SetQuery } from '../router/location.ts';
import { type Preset, presets, presetsOfPages } from './presets.ts';
import type { Range } from './range.ts';

const labels: Readonly<Record<Preset, string>> = {
  '24h': 'Last 24 hours',
  today: 'Today',
  yesterday: 'Yesterday',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  mtd: 'Month to date',
  lastmonth: 'Last month',
  '12mo': 'Last 12 months',
  all: 'All, up to 400 days',
};

/** Too long to be shown by hour, as in another time zone. */
const longPresets: readonly Preset[] = ['90d', '12mo', 'all'];

interface PickerProps {
  range: Range;
  change: SetQuery;
}

export function PeriodPicker({ range, ofPages, change }: PickerProps & { ofPages: boolean }) {
  const { dates } = range;
  const shown = ofPages ? presetsOfPages : presets;
  const preset = shown.find((name) => name === range.preset) ?? 'custom';
  return (
    <span className="picker">
      <select
        aria-label="Period"
        value={preset}
        onChange={({ target }) =>
          change(target.value === 'custom' ? { range: null, ...dates } : { range: target.value, from: null, to: null })
        }
      >
        {shown.map((value) => (
          <option key={value} value={value} disabled={range.zone !== undefined && longPresets.includes(value)}>
            {labels[value]}
          </option>
        ))}
        <option value="custom">Custom dates</option>
      </select>
      {preset === 'custom' ? (
        <Dates range={range} change={change} />
      ) : (
        <span className="days">{formatDates(dates.from, dates.to)}</span>
      )}
    </span>
  );
}

function Dates({ range: { dates }, change }: PickerProps) {
  const { from, to } = dates;
  function set(next: { from?: string; to?: string }): void {
    const both = { from, to, ...next };
    if (both.from !== '' && both.to !== '' && both.from <= both.to) change({ ...both, range: null });
  }
  return (
    <span className="dates">
      <input
        type="date"
        aria-label="From"
        value={from}
        max={to}
        onChange={({ target }) => set({ from: target.value })}
      />
      <span aria-hidden="true">–</span>
      <input type="date" aria-label="To" value={to} min={from} onChange={({ target }) => set({ to: target.value })} />
    </span>
  );
}

/** Chooses what the period is compared with. Periods have the same length, so that their sums can be compared. */
export function ComparisonPicker({ range, change }: PickerProps) {
  const { compare, compared, preset } = range;
  const chosen = compare === undefined || compare === 'previous' || compare === 'year' ? compare : 'custom';
  if (preset === 'all') return null;
  return (
    <span className="picker">
      <select
        aria-label="Comparison"
        value={chosen ?? ''}
        onChange={({ target: { value } }) => {
          if (value === 'custom') change({ compare: compared.from });
          else change({ compare: value === '' ? null : value });
        }}
      >
        <option value="">No comparison</option>
        <option value="previous">Compare to previous period</option>
        <option value="year">Compare to a year ago</option>
        <option value="custom">Compare from a date</option>
      </select>
      {chosen === 'custom' && (
        <input
          type="date"
          aria-label="Compare from"
          value={compared.from}
          max={addDays(range.dates.from, -1)}
          onChange={({ target: { value } }) => value !== '' && change({ compare: value })}
        />
      )}
      {chosen !== undefined && (
        <span className="days">
          {formatDates(compared.from, compared.to)}
          {range.live && ', up to the same time of day'}
        </span>
      )}
    </span>
  );
}
