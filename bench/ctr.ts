/**
 * Click-through alerts.
 *
 *   npm run bench -- ctr <csv…>   date,views,clicks: one line per series with its alerts, each day from earlier days only
 *   npm run bench -- ctr          synthetic pages: false alarms by how much their days differ, and detections, by size
 */
import { classicClickThrough, type ViewsAndClicks } from '../core/detect/classic-rules.ts';
import { evaluateClickThrough, rateDays, usualLevels } from '../core/detect/click-through.ts';
import { totalOf } from '../core/detect/click-through-spread.ts';
import { normalSetting } from '../core/detect/sensitivity.ts';
import { printLine, readSeries, rounded, type Series } from './detect/series.ts';
import { binomial, createRandom, normal, type Random } from './detect/series-generator.ts';
import { switchedDispersion } from './detect/switched-dispersion.ts';

const sizes = [100, 300, 1000, 3000, 10_000, 30_000];
/** Click-through rates, and what a rise multiplies them by; a drop halves them. */
const scenarios = [
  { rate: 0.012, rise: 2 },
  { rate: 0.05, rise: 1.5 },
  { rate: 0.2, rise: 1.5 },
];
const drop = 0.5;
/** Standard deviations of a day's rate on the log scale. */
const spreads = [0, 0.1, 0.2, 0.3];
const trials = { falseAlarms: 20_000, detection: 5000 };
/** Days on which a change lasts. */
const changedDays = 3;

/** Whether this detector alerts on a day, from the days before it. */
type Detector = (days: readonly ViewsAndClicks[], recent: ViewsAndClicks) => boolean;

const detectors: Record<string, Detector> = {
  ours: (days, recent) => evaluateClickThrough({ before: days, recent: [recent] }, normalSetting).kind === 'alert',
  dayAlone: (days, recent) =>
    evaluateClickThrough({ before: days, recent: [recent] }, normalSetting, { ...usualLevels, run: 0 }).kind ===
    'alert',
  switched: (days, recent) => switchedDispersion(days.slice(-rateDays), recent),
  thirtyPercent: (days, recent) => classicClickThrough(totalOf(days.slice(-rateDays)), recent, 0.3) !== null,
  classic: (days, recent) => classicClickThrough(totalOf(days.slice(-rateDays)), recent) !== null,
};

/** As many days as detection reads. */
const historyDays = 105;

const files = process.argv.slice(2);
if (files.length === 0) generate();
for (const file of files) printLine(walk(readSeries(file, 'date')));

/** One line per scenario, size and detector, in percent; all detectors see the same draws. */
function generate(): void {
  for (const [place, { rate, rise }] of scenarios.entries())
    for (const views of sizes) {
      const seed = 1000 * place + views;
      const falseAlarms = spreads.map((spread, at) => falseAlarmShares({ views, rate, spread }, seed + 7 * at));
      const rises = detectionShares({ views, rate, change: rise }, seed + 500_000);
      const drops = detectionShares({ views, rate, change: drop }, seed + 600_000);
      for (const detector of Object.keys(detectors))
        printLine({
          views,
          rate,
          rise,
          detector,
          falseAlarms: falseAlarms.map((shares) => shares[detector]),
          rises: rises.map((shares) => shares[detector]),
          drops: drops.map((shares) => shares[detector]),
        });
    }
}

interface Page {
  views: number;
  rate: number;
  /** Standard deviation of a day's rate on the log scale. */
  spread?: number;
  /** Multiplies the rate of the last days. */
  change?: number;
}

type Shares = Record<string, number>;

function falseAlarmShares(page: Page, seed: number): Shares {
  const random = createRandom(seed);
  const alerts = new Map(Object.keys(detectors).map((name) => [name, 0]));
  for (let trial = 0; trial < trials.falseAlarms; trial += 1) {
    const days = daysOf(random, page, 1);
    for (const [name, detector] of Object.entries(detectors))
      if (alertsOn(detector, days)) alerts.set(name, (alerts.get(name) ?? 0) + 1);
  }
  return toShares(alerts, trials.falseAlarms, (number) => number);
}

/** Shares of the changes that are found on their first day, and within three days. */
function detectionShares(page: Page, seed: number): [firstDay: Shares, withinThree: Shares] {
  const random = createRandom(seed);
  const found = new Map(Object.keys(detectors).map((name) => [name, { first: 0, later: 0 }]));
  for (let trial = 0; trial < trials.detection; trial += 1) {
    const days = daysOf(random, page, changedDays);
    for (const [name, detector] of Object.entries(detectors)) {
      const counts = found.get(name);
      const day = Array.from({ length: changedDays }).findIndex((_, at) => alertsOn(detector, days.slice(at)));
      if (counts === undefined || day < 0) continue;
      if (day === 0) counts.first += 1;
      else counts.later += 1;
    }
  }
  return [
    toShares(found, trials.detection, ({ first }) => first),
    toShares(found, trials.detection, ({ first, later }) => first + later),
  ];
}

function alertsOn(detector: Detector, days: readonly ViewsAndClicks[]): boolean {
  const recent = days[historyDays];
  return recent !== undefined && detector(days.slice(0, historyDays), recent);
}

function toShares<Count>(found: ReadonlyMap<string, Count>, count: number, number: (each: Count) => number): Shares {
  return Object.fromEntries([...found].map(([name, each]) => [name, rounded((100 * number(each)) / count, 2)]));
}

/** A history, and days that may be changed after it. */
function daysOf(random: Random, { views, rate, spread = 0, change = 1 }: Page, after: number): ViewsAndClicks[] {
  return Array.from({ length: historyDays + after }, (_, day) => {
    const chance = rate * Math.exp(spread * normal(random)) * (day < historyDays ? 1 : change);
    return { views, clicks: binomial(random, views, Math.min(1, chance)) };
  });
}

function walk({ file, rows }: Series) {
  return {
    file,
    points: rows.length,
    alerts: rows.flatMap(({ at, views, clicks }, index) => {
      const before = rows.slice(Math.max(0, index - historyDays), index);
      const evaluation = evaluateClickThrough({ before, recent: [{ views, clicks }] }, normalSetting);
      if (evaluation.kind !== 'alert') return [];
      const { direction: kind, expected, actual, score } = evaluation;
      return [{ at, kind, expected: rounded(expected, 5), actual: rounded(actual, 5), score: rounded(score) }];
    }),
  };
}
