import { type Filter, filterParameter, readFilters } from '#schemas/api/filters.ts';
import { addDays, dateIn, daysBetween, yearBefore } from '../format/times.ts';
import { datesOf, defaultPreset, parsePreset, type Period, type Preset } from './presets.ts';

/** Period, comparison, time zone and filters of a view, read from the query string. */

/** The API's limit for series by hour, in days. */
export const maxHourlyDays = 31;

/** The period before, the same dates a year before, or the date on which a period of equal length begins. */
type Comparison = 'previous' | 'year' | (string & {});

export interface Range extends Period {
  preset: Preset | 'custom';
  interval: 'hour' | 'day';
  /** Dates of a period of hours as well. */
  dates: Period;
  /** Undefined without a comparison. */
  compare: Comparison | undefined;
  /** Dates of the period to compare with; the API decides up to which hour it is compared with. */
  compared: Period;
  /** Undefined for the page's time zone. */
  zone: string | undefined;
  filters: readonly Filter[];
  /** Includes the current hour, so its numbers still change. */
  live: boolean;
}

/**
 * @param pageZone the time zone of the page, by whose dates events are counted
 * @param now milliseconds since the epoch
 */
export function readRange(query: URLSearchParams, pageZone: string, now: number): Range {
  const tz = query.get('tz');
  const zone = tz !== null && tz !== pageZone ? tz : undefined;
  const today = dateIn(zone ?? pageZone, now);
  const named = parsePreset(query.get('range')) ?? defaultPreset;
  const chosen = readDates(query);
  const preset = chosen ? 'custom' : named;
  const hours = preset === '24h' ? last24Hours(now) : undefined;
  const dates = hours ? datesOfHours(hours, zone ?? pageZone) : (chosen ?? datesOf(named, today));
  const days = daysBetween(dates.from, dates.to) + 1;
  // Counters are kept by the page's dates, so days of another zone can only be shown as hours.
  const hourly = zone !== undefined || (query.get('interval') ?? (days <= 3 ? 'hour' : 'day')) === 'hour';
  const compare = preset === 'all' ? undefined : readComparison(query);
  return {
    ...(hours ?? dates),
    dates,
    preset,
    interval: hourly && days <= maxHourlyDays ? 'hour' : 'day',
    compare,
    compared: comparedDates(dates, compare, preset),
    zone,
    filters: readFilters((parameter) => query.getAll(parameter)),
    live: dates.to >= today,
  };
}

/** Returns the dates of a period that was not chosen by name. */
function readDates(query: URLSearchParams): Period | undefined {
  const [from, to] = [query.get('from'), query.get('to')];
  return isDate(from) && isDate(to) && from <= to ? { from, to } : undefined;
}

function isDate(text: string | null): text is string {
  return (
    text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text
  );
}

function readComparison(query: URLSearchParams): Comparison | undefined {
  const text = query.get('compare');
  return text === 'previous' || text === 'year' || isDate(text) ? text : undefined;
}

function comparedDates({ from, to }: Period, compare: Comparison | undefined, preset: Range['preset']): Period {
  if (compare === 'year') return { from: yearBefore(from), to: yearBefore(to) };
  const length = preset === '24h' ? 1 : daysBetween(from, to) + 1;
  const days = compare === undefined || compare === 'previous' ? -length : daysBetween(from, compare);
  return { from: addDays(from, days), to: addDays(to, days) };
}

const hour = 3_600_000;

function last24Hours(now: number): Period {
  const end = Math.floor(now / hour) * hour + hour;
  return { from: new Date(end - 24 * hour).toISOString(), to: new Date(end).toISOString() };
}

function datesOfHours({ from, to }: Period, zone: string): Period {
  return { from: dateIn(zone, Date.parse(from)), to: dateIn(zone, Date.parse(to) - 1) };
}

export function toStatsQuery(range: Range) {
  return {
    from: range.from,
    to: range.to,
    interval: range.interval,
    tz: range.zone,
    ...Object.fromEntries(range.filters.map((filter) => [filterParameter(filter), filter.values])),
  };
}
