import { dimensionNames, type DimensionName } from '#schemas/dimensions.ts';
import { addDays, dateIn, daysBetween } from '../format/times.ts';

/** Period, comparison, time zone and filters of a view, read from the query string. */

export const presets = { '24h': 1, '7d': 7, '30d': 30, '90d': 90, '365d': 365 } as const;
export type Preset = keyof typeof presets;
/** Of views of several pages, which show whole days: the API's limit is 92. */
export const presetsOfPages: readonly Preset[] = ['7d', '30d', '90d'];
export const defaultPreset: Preset = '30d';

/** The API's limit for series by hour, in days. */
export const maxHourlyDays = 31;

export interface Period {
  from: string;
  to: string;
}

export interface Range extends Period {
  preset: Preset | 'custom';
  interval: 'hour' | 'day';
  compare: boolean;
  /** Dates of the period before; the API decides up to which hour it is compared with. */
  previous: Period;
  /** Undefined for the page's time zone. */
  zone: string | undefined;
  filters: Partial<Record<DimensionName, string>>;
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
  const presetText = query.get('range');
  const preset = isPreset(presetText) ? presetText : defaultPreset;
  const { custom, ...period } = readPeriod(query, preset, today);
  const shared = { compare: query.get('compare') === 'previous', zone, filters: readFilters(query) };
  if (!custom && preset === '24h') return { preset, interval: 'hour', live: true, ...shared, ...last24Hours(now) };
  const live = period.to >= today;
  const days = daysBetween(period.from, period.to) + 1;
  // Counters are kept by the page's dates, so days of another zone can only be shown as hours.
  const hourly = zone !== undefined || (query.get('interval') ?? (days <= 3 ? 'hour' : 'day')) === 'hour';
  return {
    ...period,
    preset: custom ? 'custom' : preset,
    interval: hourly && days <= maxHourlyDays ? 'hour' : 'day',
    previous: previousPeriod(period),
    live,
    ...shared,
  };
}

function isPreset(text: string | null): text is Preset {
  return text !== null && text in presets;
}

function readPeriod(query: URLSearchParams, preset: Preset, today: string): Period & { custom: boolean } {
  const [from, to] = [query.get('from'), query.get('to')];
  if (isDate(from) && isDate(to) && from <= to) return { from, to, custom: true };
  return { from: addDays(today, 1 - presets[preset]), to: today, custom: false };
}

function isDate(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

function readFilters(query: URLSearchParams): Range['filters'] {
  return Object.fromEntries(
    dimensionNames.flatMap((name) => {
      const value = query.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
}

const hour = 3_600_000;

function last24Hours(now: number): Pick<Range, 'from' | 'to' | 'previous'> {
  const end = Math.floor(now / hour) * hour + hour;
  function iso(hours: number): string {
    return new Date(end - hours * hour).toISOString();
  }
  return { from: iso(24), to: iso(0), previous: { from: iso(48), to: iso(24) } };
}

function previousPeriod({ from, to }: Period): Period {
  const days = daysBetween(from, to) + 1;
  return { from: addDays(from, -days), to: addDays(to, -days) };
}

export function toStatsQuery(range: Range) {
  return {
    from: range.from,
    to: range.to,
    interval: range.interval,
    tz: range.zone,
    ...range.filters,
  };
}
