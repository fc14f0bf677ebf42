import { evaluateClickThrough } from '../../core/detect/click-through.ts';
import { dateOfDay } from '../../core/detect/daily-series.ts';
import { evaluateDay } from '../../core/detect/daily-traffic.ts';
import { boundFalseDiscoveries } from '../../core/detect/false-discovery.ts';
import { hourlySeries } from '../../core/detect/hourly-series.ts';
import { createHourEvaluator } from '../../core/detect/hourly-traffic.ts';
import { backtest } from '../../core/detect/backtest.ts';
import type { Evaluation } from '../../core/detect/evaluation.ts';
import { normalSetting } from '../../core/detect/sensitivity.ts';
import { rounded } from './series.ts';
import { binomial, createRandom, dailyPage, diurnalPage } from './series-generator.ts';

const pages = 2000;
const days = 90;

/** Every hundredth page loses 60 % on its last day. */
const changedEvery = 100;

/** All detectors over 2,000 pages: the day, the click-through rate, the last hour, and the backtest of 90 days. */
export function measureScale() {
  const started = performance.now();
  const evaluated = Array.from({ length: pages }, (_, page) => evaluatePage(page));
  const traffic = boundFalseDiscoveries(evaluated.map((page) => page.traffic));
  const changed = evaluated.map(({ page }) => page % changedEvery === 0);
  return {
    pages,
    days,
    secondsWithGenerator: rounded((performance.now() - started) / 1000),
    seconds: rounded(evaluated.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000),
    // Kilobytes, and the whole process: Node itself takes some 60 MB of it.
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    changed: changed.filter(Boolean).length,
    found: alerts(traffic.filter((_, page) => changed[page])),
    falseAlerts: alerts(traffic.filter((_, page) => !changed[page])),
    falseAlertsUnbounded: alerts(evaluated.filter((_, page) => !changed[page]).map((page) => page.traffic)),
    clickThroughAlerts: alerts(evaluated.map((page) => page.clickThrough)),
    hourlyAlerts: alerts(evaluated.map((page) => page.hour)),
  };
}

const hotHours = days * 24;

/** One page as the job meets it: its history read, evaluated and dropped. Levels from 10 to 10,000 views a day. */
function evaluatePage(page: number) {
  const random = createRandom(page);
  const level = 10 ** (1 + 3 * random());
  const views = dailyPage(random, level, days);
  if (page % changedEvery === 0) views.push(Math.round((views.pop() ?? 0) * 0.4));
  const counts = views.map((value, index) => ({ date: dateOfDay(20_000 + index), views: value }));
  const clicks = views.map((value) => ({ views: value, clicks: binomial(random, value, 0.3) }));
  const hours = diurnalPage(random, level / 24, hotHours).map((value, index) => ({
    hour: new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString().slice(0, 19),
    views: value,
  }));
  const started = performance.now();
  const last = dateOfDay(20_000 + days - 1);
  const traffic = evaluateDay(counts, last, normalSetting);
  const clickThrough = evaluateClickThrough({ before: clicks.slice(0, -1), recent: clicks.slice(-1) }, normalSetting);
  const series = hourlySeries(hours);
  const hour = createHourEvaluator(series, normalSetting)(series.counts.length - 1);
  backtest(counts, normalSetting, last);
  return { page, traffic, clickThrough, hour, milliseconds: performance.now() - started };
}

function alerts(evaluations: readonly Evaluation[]): number {
  return evaluations.filter(({ kind }) => kind === 'alert').length;
}
