/**
 * Click-through alerts.
 *
 *   npm run bench -- ctr <csv…>   date,views,clicks: one line per series with its alerts, each day from earlier days only
 *   npm run bench -- ctr          synthetic pages: false alarms and detections by size, next to Fisher's test and ±30%
 */
import { classicClickThrough, type ViewsAndClicks } from '../core/detect/classic-rules.ts';
import { clickThroughProbability, evaluateClickThrough } from '../core/detect/click-through.ts';
import { normalSetting } from '../core/detect/sensitivity.ts';
import { printLine, readSeries, rounded, type Series } from './detect/series.ts';
import { binomial, createRandom, type Random } from './detect/series-generator.ts';

const historyDays = 14;
const sizes = [100, 300, 1000, 3000];
/** Click-through rates and what a true change multiplies them by; the first is where fixed percentages fare worst. */
const scenarios = [
  { rate: 0.012, change: 2 },
  { rate: 0.05, change: 1.5 },
  { rate: 0.2, change: 1.5 },
  { rate: 0.05, change: 0.5 },
];
const trials = 10_000;

/** Whether this detector alerts on the recent views. */
type Detector = (days: readonly ViewsAndClicks[], recent: ViewsAndClicks) => boolean;

const detectors: Record<string, Detector> = {
  ours: (days, recent) => evaluateClickThrough(days, recent, normalSetting).kind === 'alert',
  fisher: (days, recent) => clickThroughProbability(totalOf(days), recent, 1) < 0.01,
  thirtyPercent: (days, recent) => classicClickThrough(totalOf(days), recent, 0.3) !== null,
  classic: (days, recent) => classicClickThrough(totalOf(days), recent) !== null,
};

const files = process.argv.slice(2);
if (files.length === 0) generate();
for (const file of files) printLine(walk(readSeries(file, 'date')));

function totalOf(days: readonly ViewsAndClicks[]): ViewsAndClicks {
  return {
    views: days.reduce((sum, { views }) => sum + views, 0),
    clicks: days.reduce((sum, { clicks }) => sum + clicks, 0),
  };
}

/** One line per scenario and size: ours at the top level, the others beside it. */
function generate(): void {
  for (const [place, { rate, change }] of scenarios.entries())
    for (const views of sizes) {
      const falseAlarms = alertShares(views, rate, 1, 1000 * place + views);
      const detection = alertShares(views, rate, change, 1000 * place + views + 500_000);
      const [own, ...others] = Object.keys(detectors).map((name) => ({
        name,
        falseAlarms: falseAlarms[name],
        detection: detection[name],
      }));
      const beside = others.map(({ name, ...shares }) => [name, shares] as const);
      printLine({
        views,
        rate,
        change,
        falseAlarms: own?.falseAlarms,
        detection: own?.detection,
        ...Object.fromEntries(beside),
      });
    }
}

/** Share of the trials in which each detector alerts; the same draws for all of them. */
function alertShares(size: number, rate: number, change: number, seed: number): Record<string, number> {
  const random = createRandom(seed);
  const counts = new Map(Object.keys(detectors).map((name) => [name, 0]));
  for (let trial = 0; trial < trials; trial += 1) {
    const days = Array.from({ length: historyDays }, () => day(random, size, rate));
    const recent = day(random, size, rate * change);
    for (const [name, alerts] of Object.entries(detectors))
      if (alerts(days, recent)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].map(([name, count]) => [name, rounded(count / trials, 4)]));
}

function day(random: Random, views: number, rate: number): ViewsAndClicks {
  return {
    views,
    clicks: binomial(random, views, rate),
  };
}

function walk({ file, rows }: Series) {
  return {
    file,
    points: rows.length,
    alerts: rows.flatMap(({ at, views, clicks }, index) => {
      const evaluation = evaluateClickThrough(
        rows.slice(Math.max(0, index - historyDays), index),
        { views, clicks },
        normalSetting,
      );
      if (evaluation.kind !== 'alert') return [];
      const { direction: kind, expected, actual, score } = evaluation;
      return [{ at, kind, expected: rounded(expected, 5), actual: rounded(actual, 5), score: rounded(score) }];
    }),
  };
}
