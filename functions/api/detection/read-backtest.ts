import {
  backtestClassic,
  backtestDetectors,
  type MethodReport,
  type NotifiedIncident,
} from '#core/alerts/backtest-report.ts';
import { lastEndedDate } from '#core/alerts/local-days.ts';
import { type TrafficUnit, trafficCounts } from '#core/alerts/page-history.ts';
import type { DailyCount } from '#core/detect/daily-series.ts';
import { addDays } from '#core/ledger/time-range.ts';
import {
  describeBacktest,
  capitalize,
  buildHeadline,
  explainNoBacktest,
  formatSpan,
} from '#core/mails/incident-words.ts';
import { type PageAlerts, sensitivities } from '#schemas/alerts.ts';
import { type Backtest, type Backtests, backtestsSchema } from '#schemas/api/detection.ts';
import type { Page } from '#schemas/catalog.ts';
import type { ResponseCache } from '#stores/cache/response-cache.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { Detection } from './detection.ts';
import { readHistory } from './read-history.ts';

/** Cached: the backtests of every setting over the same days. The requested one is selected afterwards. */
export const comparisonSchema = backtestsSchema.omit({ asked: true });
export type Comparison = Omit<Backtests, 'asked'>;

export interface BacktestReader {
  detection: Pick<Detection, 'threshold'>;
  stats: Pick<StatsStore, 'months' | 'settledThrough'>;
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
 * Returns the alerts that each setting would have raised over the page's settled days. Half a year is about fifteen small
 * items, and evaluating it four times takes about 60 ms: fast enough while a setting is being edited.
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

/** History before the first evaluated day: 13 weeks of baseline, and two weeks before it. */
const baselineDays = 105;

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
      const first = addDays(through, 1 - days - baselineDays);
      const history = await readHistory(stats, { page, first, last: through, badDays });
      const { unit } = history;
      const compared = compare(trafficCounts(history), threshold, through, days, unit);
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
  return {
    through: null,
    days,
    unit: 'views',
    compared: settings.map((setting) => toBacktest(setting, { evaluated: 0, incidents: [] }, days, 'views')),
  };
}

function toBacktest(
  { method, sensitivity }: (typeof settings)[number],
  { evaluated, incidents }: MethodReport,
  days: number,
  unit: TrafficUnit,
): Backtest {
  const line = { days, evaluated, dates: incidents.map(({ from }) => from) };
  return {
    method,
    sensitivity,
    evaluated,
    incidents: incidents.map((incident) => toIncident(incident, unit)),
    words: describeBacktest(line, sensitivity ?? method) ?? explainNoBacktest(days),
  };
}

function toIncident(incident: NotifiedIncident, unit: TrafficUnit): Backtest['incidents'][number] {
  const { from, to, direction, expected, actual } = incident;
  const headline = buildHeadline({ direction, unit, first: { expected, actual, score: 0 } });
  const { days } = incident;
  return { from, to, direction, days, expected, actual, words: capitalize(`${headline} ${formatSpan(from, to)}`) };
}

function compare(
  counts: readonly DailyCount[],
  threshold: number,
  through: string,
  days: number,
  unit: TrafficUnit,
): Backtest[] {
  return settings.map((setting) => {
    const report =
      setting.sensitivity === null
        ? backtestClassic(counts, through, days)
        : backtestDetectors(counts, { sensitivity: setting.sensitivity, threshold }, through, days);
    return toBacktest(setting, report, days, unit);
  });
}
