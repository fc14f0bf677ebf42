import { horizonTotals } from '#core/forecast/horizon-totals.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { describePace, explainNoForecast } from '#core/mails/forecast-words.ts';
import type { PageForecast } from '#schemas/alerts.ts';
import type { Forecast } from '#schemas/api/detection.ts';
import type { Page } from '#schemas/catalog.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { Detection } from './detection.ts';
import { toForecastView } from '../views.ts';
import { readHistory } from './read-history.ts';

export interface ForecastReader {
  detection: Pick<Detection, 'forecast'>;
  stats: Pick<StatsStore, 'months'>;
}

const none: Forecast = { forecast: null, recent: [], totals: [], words: { pace: null, skipped: null } };

/** Reads the forecast of a page with the settled days before it. @throws {StoreUnavailable} */
export async function readForecast({ detection, stats }: ForecastReader, page: Page): Promise<Forecast> {
  const forecast = await detection.forecast(page.path);
  if (forecast === undefined) return none;
  return {
    forecast: toForecastView(forecast),
    recent: await readRecent(stats, page, forecast),
    totals: horizonTotals(forecast.days),
    words: {
      pace: describePace(forecast.pace),
      skipped: forecast.reason === null ? null : explainNoForecast(forecast.reason),
    },
  };
}

/** As many as are forecast. */
const recentDays = 28;

async function readRecent(
  stats: ForecastReader['stats'],
  page: Page,
  { through, unit }: PageForecast,
): Promise<Forecast['recent']> {
  const first = addDays(through, 1 - recentDays);
  try {
    const { days } = await readHistory(stats, { page, first, last: through, badDays: [] });
    const known = new Map(days.map((day) => [day.date, day[unit]] as const));
    return Array.from({ length: recentDays }, (_, at) => {
      const date = addDays(first, at);
      return { date, value: known.get(date) ?? null };
    });
  } catch (error) {
    // The forecast is stored elsewhere and can be shown without them.
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}
