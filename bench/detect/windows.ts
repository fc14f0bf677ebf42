import { basename } from 'node:path';
import { type HourlyCount, hourlySeries } from '../../core/detect/hourly-series.ts';
import { normalSetting } from '../../core/detect/sensitivity.ts';
import { readSeries, rounded } from './series.ts';
import { createRandom, diurnalPage } from './series-generator.ts';
import { walkHours } from './walk-hours.ts';

const fortnight = 336;

type Detector = (counts: readonly HourlyCount[]) => number[];

/** Indexes of the hours with an alert; the series of this bench have no gaps. */
const ours: Detector = (counts) =>
  walkHours(hourlySeries(counts), normalSetting).flatMap(({ evaluation }, index) =>
    evaluation.kind === 'alert' ? [index] : [],
  );

const detectors = { ours, zScore: zScore(fortnight), zScoreEarly: zScore(48) };

/** One line per series, then their sum. Hours in a row are one incident. */
export function compareWindows(paths: readonly string[]): unknown[] {
  const results = paths.map((path) => {
    const series = readLabelled(path);
    const scores = Object.entries(detectors).map(([name, detector]) => [name, score(detector, series)] as const);
    return { file: basename(path), windows: windowsOf(series.inWindow).length, scores };
  });
  const totals = Object.keys(detectors).map((name) => {
    const each = results.flatMap(({ scores }) => scores.filter(([of]) => of === name).map(([, value]) => value));
    function sum(key: 'hit' | 'falseIncidents'): number {
      return each.reduce((total, value) => total + value[key], 0);
    }
    return [name, { hit: sum('hit'), falseIncidents: sum('falseIncidents') }] as const;
  });
  const windows = results.reduce((total, result) => total + result.windows, 0);
  return [
    ...results.map(({ scores, ...rest }) => ({ ...rest, ...Object.fromEntries(scores) })),
    { file: 'sum', windows, ...Object.fromEntries(totals) },
  ];
}

interface Labelled {
  counts: HourlyCount[];
  inWindow: boolean[];
}

function readLabelled(path: string): Labelled {
  const { rows } = readSeries(path, 'hour');
  return {
    counts: rows.map(({ at, views }) => ({ hour: at, views })),
    inWindow: rows.map(({ inWindow }) => inWindow),
  };
}

function score(detector: Detector, { counts, inWindow }: Labelled) {
  const alerts = detector(counts);
  const outside = alerts.filter((index) => inWindow[index] !== true);
  return {
    hit: windowsOf(inWindow).filter(({ from, to }) => alerts.some((index) => index >= from && index <= to)).length,
    falseIncidents: outside.filter((index, place) => place === 0 || index - (outside[place - 1] ?? 0) > 1).length,
  };
}

/** Ranges of hours, both ends included, in which the labels expect an alert. */
function windowsOf(inWindow: readonly boolean[]): { from: number; to: number }[] {
  return inWindow.flatMap((inside, from) => {
    if (!inside || inWindow[from - 1] === true) return [];
    const end = inWindow.indexOf(false, from);
    return [{ from, to: (end < 0 ? inWindow.length : end) - 1 }];
  });
}

/** Share of alerts among the hours of 14 days without a change, over levels and seeds. */
export function compareDiurnal() {
  const pages = [3, 30, 300, 3000].flatMap((level) =>
    [1, 2, 3, 4, 5].map((seed) =>
      diurnalPage(createRandom(seed * 10_000 + level), level, fortnight).map((views, index) => ({
        hour: new Date(Date.UTC(2026, 0, 5) + index * 3_600_000).toISOString().slice(0, 19),
        views,
      })),
    ),
  );
  function share(detector: Detector): number {
    return rounded(pages.reduce((sum, counts) => sum + detector(counts).length, 0) / (pages.length * fortnight), 5);
  }
  return {
    pages: pages.length,
    points: pages.length * fortnight,
    ours: share(ours),
    zScoreEarly: share(detectors.zScoreEarly),
  };
}

/** |views − mean| above 3 standard deviations of the fortnight before; from two days of history on, or from 14. */
function zScore(from: number): Detector {
  return (counts) =>
    counts.flatMap(({ views }, index) => {
      const before = counts.slice(Math.max(0, index - fortnight), index).map((count) => count.views);
      const centre = before.reduce((sum, value) => sum + value, 0) / before.length;
      const spread = Math.sqrt(before.reduce((sum, value) => sum + (value - centre) ** 2, 0) / before.length);
      return index >= from && Math.abs(views - centre) > 3 * spread ? [index] : [];
    });
}
