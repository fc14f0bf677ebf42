import {
  backtestClassic,
  backtestDetectors,
  type MethodReport,
  type NotifiedIncident,
} from '#core/alerts/backtest-report.ts';
import { backtestHours, firstHourDate, type HoursToTest } from '#core/alerts/backtest-hours.ts';
import { lastEndedDate } from '#core/ledger/time-range.ts';
import { type TrafficUnit, trafficCounts } from '#core/alerts/page-history.ts';
import type { DailyCount } from '#core/detect/daily-series.ts';
import { baselineDays } from '#core/detect/daily-traffic.ts';
import type { SteadyBacktest } from '#core/detect/steady-hours/backtest.ts';
import { addDays } from '#core/ledger/time-range.ts';
import {
  describeBacktest,
  describeHourlyBacktest,
  capitalize,
  buildHeadline,
  explainNoBacktest,
  formatSpan,
} from '#core/mails/incident-words.ts';
import { type PageAlerts, sensitivities } from '#schemas/alerts.ts';
import { type Backtest, type Backtests, backtestsSchema } from '#schemas/api/detection.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { ResponseCache } from '#stores/cache/response-cache.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { Detection } from './detection.ts';
import { readHistory } from './read-history.ts';

/** Cached: the backtests of every setting over the same days. The requested one is selected afterwards. */
export const comparisonSchema = backtestsSchema.omit({ asked: true });
export type Comparison = Omit<Backtests, 'asked'>;

export interface BacktestReader {
  detection: Pick<Detection, 'threshold'>;
  stats: Pick<StatsStore, 'months' | 'settledHoursOf' | 'settledThrough'>;
  backtests: ResponseCache<Comparison>;
}

export interface BacktestRequest {
  page: Page;
  /** The requested setting, saved or not. */
  setting: Pick<PageAlerts, 'method' | 'sensitivity' | 'badDays'>;
  /** Number of settled days to evaluate. */
  days: number;
}

/**
 * Returns the alerts that each setting would have raised over the page's settled days and, on a steady page, within its
 * days. Nine months are about twenty small items, evaluated four times. The hours of 91 days are 91
 * more, and take about 0.5 s once a day.
 * @throws {StoreUnavailable}
 */
export async function readBacktests(reader: BacktestReader, request: BacktestRequest): Promise<Backtests> {
  const comparison = await readComparison(reader, request);
  const { method, sensitivity } = request.setting;
  const asked = comparison.compared.find(
    (each) => each.method === method && (method === 'classic' || each.sensitivity === sensitivity),
  );
  if (asked === undefined) throw new Error(`no backtest with method ${method} and sensitivity ${sensitivity}`);
  return { ...comparison, asked };
}

/** History before the first evaluated day: its baseline, and two weeks before it. */
const historyDays = baselineDays + 14;

async function readComparison(
  { detection, stats, backtests }: BacktestReader,
  { page, setting, days }: BacktestRequest,
): Promise<Comparison> {
  const [settled, threshold] = await Promise.all([stats.settledThrough(), detection.threshold(page.path)]);
  if (settled === undefined) return emptyComparison(days);
  const through = lastEndedDate(page.timeZone, settled);
  const badDays = setting.badDays.toSorted();
  const { value } = await backtests({
    key: [page.path, page.timeZone, through, days, threshold, badDays],
    compute: async () => {
      const first = addDays(through, 1 - days - historyDays);
      const [history, hours] = await Promise.all([
        readHistory(stats, { page, first, last: through, badDays }),
        stats.settledHoursOf(entityKeys.page(page.path), firstHourDate(through, days), through),
      ]);
      const { unit } = history;
      const tested = { through, days, counts: trafficCounts(history), hours: { hours, unit, badDays } };
      const compared = compare(tested, threshold);
      return { value: { through, days, unit, compared }, complete: true };
    },
  });
  return value;
}

const settings: readonly Pick<Backtest, 'method' | 'sensitivity'>[] = [
  ...sensitivities.map((sensitivity) => ({ method: 'default' as const, sensitivity })),
  { method: 'classic', sensitivity: null },
];

function emptyComparison(days: number): Comparison {
  const nothing = { evaluated: 0, incidents: [] };
  return {
    through: null,
    days,
    unit: 'views',
    compared: settings.map((setting) => toBacktest(setting, { report: nothing, hourly: null, days, unit: 'views' })),
  };
}

interface Tested {
  report: MethodReport;
  hourly: SteadyBacktest | null;
  days: number;
  unit: TrafficUnit;
}

function toBacktest(
  { method, sensitivity }: (typeof settings)[number],
  { report: { evaluated, incidents }, hourly, days, unit }: Tested,
): Backtest {
  const line = { days, evaluated, dates: incidents.map(({ from }) => from) };
  return {
    method,
    sensitivity,
    evaluated,
    incidents: incidents.map((incident) => ({ ...incident, words: describeIncident(incident, unit) })),
    hourly: hourly && toHourly(hourly, unit),
    words: describeBacktest(line, sensitivity ?? method) ?? explainNoBacktest(days),
  };
}

function toHourly({ days, incidents }: SteadyBacktest, unit: TrafficUnit): Backtest['hourly'] {
  return {
    days,
    incidents: incidents.map((incident) => ({ ...incident, words: describeIncident(incident, unit) })),
    words: describeHourlyBacktest({ days, dates: incidents.map(({ from }) => from.slice(0, 10)) }),
  };
}

function describeIncident(
  { from, to, direction, expected, actual }: Omit<NotifiedIncident, 'days'>,
  unit: TrafficUnit,
): string {
  const headline = buildHeadline({ direction, unit, first: { expected, actual, score: 0 } });
  return capitalize(`${headline} ${formatSpan(from, to)}`);
}

interface History {
  through: string;
  days: number;
  counts: readonly DailyCount[];
  hours: HoursToTest;
}

function compare({ through, days, counts, hours }: History, threshold: number): Backtest[] {
  const { unit } = hours;
  const scaled = sensitivities.map((sensitivity) => ({ sensitivity, threshold }));
  const hourly = backtestHours(hours, scaled, days);
  return settings.map((setting, place) => {
    const detection = scaled[place];
    const report =
      detection === undefined
        ? backtestClassic(counts, through, days)
        : backtestDetectors(counts, detection, through, days);
    return toBacktest(setting, { report, hourly: hourly[place] ?? null, days, unit });
  });
}
