import { addDays, yearBefore } from '../format/times.ts';

/** First and last date of a period, or its first and last instant. */
export interface Period {
  from: string;
  to: string;
}

/** Periods to choose from, as named in the query string. */
export const presets = ['24h', 'today', 'yesterday', '7d', '30d', '90d', 'mtd', 'lastmonth', '12mo', 'all'] as const;
export type Preset = (typeof presets)[number];
/** Of views of several pages, which show whole days: the API's limit is 92. */
export const presetsOfPages: readonly Preset[] = presets.filter((preset) => !['24h', '12mo', 'all'].includes(preset));
export const defaultPreset: Preset = '30d';

/** The API's limit for series by day, in days. */
const maxDays = 400;

/** Reads the name of a preset; undefined if there is none of that name. */
export function parsePreset(text: string | null): Preset | undefined {
  // Its name in earlier versions.
  if (text === '365d') return '12mo';
  return presets.find((preset) => preset === text);
}

/** Returns the dates of a preset. @param today in the time zone of the view */
export function datesOf(preset: Preset, today: string): Period {
  if (preset === 'yesterday') return { from: addDays(today, -1), to: addDays(today, -1) };
  if (preset === 'lastmonth') {
    const to = addDays(firstOfMonth(today), -1);
    return { from: firstOfMonth(to), to };
  }
  return { from: startOf(preset, today), to: today };
}

function startOf(preset: Exclude<Preset, 'yesterday' | 'lastmonth'>, today: string): string {
  if (preset === 'mtd') return firstOfMonth(today);
  if (preset === '12mo') return addDays(yearBefore(today), 1);
  return addDays(today, 1 - lengths[preset]);
}

/** In days. */
const lengths = { '24h': 1, today: 1, '7d': 7, '30d': 30, '90d': 90, all: maxDays } as const;

function firstOfMonth(date: string): string {
  return `${date.slice(0, 8)}01`;
}
