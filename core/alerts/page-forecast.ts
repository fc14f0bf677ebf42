import type { DailyCount } from '#core/detect/daily-series.ts';
import { type Forecast, forecastDaily } from '#core/forecast/daily-forecast.ts';
import { goalPace } from '#core/forecast/goal-pace.ts';
import type { SeasonalTrend } from '#core/forecast/models.ts';
import { addDays } from '#core/ledger/time-range.ts';
import type { PageForecast } from '#schemas/alerts.ts';
import { type PageHistory, type TrafficUnit, trafficCounts } from './page-history.ts';

/** Stored days, and the days that the longest month needs for its pace. */
const storedDays = 28;
const horizon = 31;

/** Forecasts a page from its settled days, with the pace of the month. */
export function pageForecast(
  page: string,
  history: PageHistory,
  through: string,
  goal: number | null,
  trend: SeasonalTrend,
): PageForecast {
  const counts = trafficCounts(history);
  const forecast = forecastDaily(counts, through, horizon, trend);
  const { unit } = history;
  if (forecast.kind === 'skipped')
    return { page, through, state: 'skipped', reason: forecast.reason, unit, days: [], pace: null };
  return {
    page,
    through,
    state: 'forecast',
    reason: null,
    unit,
    days: forecast.days.slice(0, storedDays),
    pace: paceOf(counts, forecast, goal, unit),
  };
}

function paceOf(
  counts: readonly DailyCount[],
  { through, days, past }: Extract<Forecast, { kind: 'forecast' }>,
  goal: number | null,
  unit: TrafficUnit,
): PageForecast['pace'] {
  const month = addDays(through, 1).slice(0, 7);
  function isOfMonth({ date }: { date: string }): boolean {
    return date.startsWith(month);
  }
  const counted = counts.filter(isOfMonth).map(({ views }) => views);
  return { month, unit, goal, ...goalPace(goal, counted, days.filter(isOfMonth), past) };
}

/** Lists the months that a forecast reads: a year, plus half a year for its oldest errors. */
export function forecastMonths(through: string): string[] {
  const [year = 0, month = 1] = through.split('-').map(Number);
  return Array.from({ length: 13 }, (_, ago) =>
    new Date(Date.UTC(year, month - 13 + ago, 1)).toISOString().slice(0, 7),
  );
}
