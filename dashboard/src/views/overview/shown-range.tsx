import { type Subject, useStats } from '../../api/queries.ts';
import { addDays, daysBetween, formatDates } from '../../format/times.ts';
import { defaultPreset } from '../../range/presets.ts';
import { type Range, readRange } from '../../range/range.ts';
import { Link } from '../../router/link.tsx';
import { useLocation, withQuery } from '../../router/location.ts';

/**
 * Returns the period to show: that of the URL, or by default the last one of the default's length that has traffic.
 * `last` is its end if it is not the default.
 */
export function useShownRange(subject: Subject, zone: string, now: number): { range: Range; last: string | undefined } {
  const { query } = useLocation();
  const range = readRange(query, zone, now);
  const isDefault = !['range', 'from', 'to'].some((name) => query.has(name));
  // With a filter, the API does not tell the last date.
  const { data, isPlaceholderData } = useStats(subject, { ...range, filters: [] }, 'current', isDefault);
  const last = isDefault && !isPlaceholderData ? (data?.latest ?? undefined) : undefined;
  if (last === undefined) return { range, last };
  const dates = new URLSearchParams(query);
  dates.set('from', addDays(last, -daysBetween(range.dates.from, range.dates.to)));
  dates.set('to', last);
  return { range: readRange(dates, zone, now), last };
}

/** Says that the default period has no traffic, and which one is shown instead. */
export function LastRange({ range: { dates } }: { range: Range }) {
  const { path, query } = useLocation();
  return (
    <p className="notice-line">
      No traffic in the last 30 days. Showing the last dates with traffic, {formatDates(dates.from, dates.to)}.{' '}
      <Link to={path + withQuery(query, { range: defaultPreset })}>Show the last 30 days</Link>
    </p>
  );
}
