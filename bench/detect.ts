/**
 * Runs the detectors over series of past days or hours, each from the values before it only.
 *
 *   npm run bench -- detect <csv…>            date,views: one line per series with its alerts
 *   npm run bench -- detect --hourly <csv…>   hour,views: the same, and the alerts about three hours of a steady page
 *   npm run bench -- detect --inject <csv…>   date,views: detected injected changes and false incidents, next to the
 *                                             classic rules; --held-out injects at dates that chose no parameter;
 *                                             --threshold 1.2 requires a change that much larger, on the log scale
 *   npm run bench -- detect --windows <csv…>  hour,views,in_window: windows detected and false incidents, next to a z-score
 *   npm run bench -- detect --steady          generated pages of 10,000 to 20,000 views a day that vary by 2 to 5 %: changes
 *                                             found on their first complete day, false incidents a year; --held-out too;
 *                                             --hourly: changes found within four hours, at each sensitivity
 *   npm run bench -- detect --diurnal         14 synthetic days without a change
 *   npm run bench -- detect --scale           2,000 pages of 90 days with every detector: seconds and memory
 */
import { parseArgs } from 'node:util';
import { walkDays } from '../core/detect/backtest.ts';
import { walkHours } from './detect/walk-hours.ts';
import { hourlySeries } from '../core/detect/hourly-series.ts';
import type { Evaluation } from '../core/detect/evaluation.ts';
import { walkSteadyHours } from '../core/detect/steady-hours/walk.ts';
import { normalSetting } from '../core/detect/sensitivity.ts';
import { compareInjected, seedSets } from './detect/injected.ts';
import { measureScale } from './detect/scale.ts';
import { measureSteadyHours } from './detect/steady-hours.ts';
import { measureSteady, steadySeeds } from './detect/steady.ts';
import { compareDiurnal, compareWindows } from './detect/windows.ts';
import { printLine, readSeries, rounded, type Series } from './detect/series.ts';

const { values: mode, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    hourly: { type: 'boolean' },
    inject: { type: 'boolean' },
    'held-out': { type: 'boolean' },
    threshold: { type: 'string', default: '1' },
    windows: { type: 'boolean' },
    diurnal: { type: 'boolean' },
    scale: { type: 'boolean' },
    steady: { type: 'boolean' },
  },
});

if (mode.scale) printLine(measureScale());
else if (mode.diurnal) printLine(compareDiurnal());
else if (mode.steady) {
  const seeds = mode['held-out'] ? steadySeeds.heldOut : steadySeeds.usual;
  const threshold = Number(mode.threshold);
  const lines = mode.hourly
    ? measureSteadyHours(seeds, threshold)
    : measureSteady(seeds, { ...normalSetting, threshold });
  for (const line of lines) printLine(line);
} else if (mode.inject) {
  const seeds = mode['held-out'] ? seedSets.heldOut : seedSets.usual;
  const series = files.map((file) => readSeries(file, 'date'));
  const setting = { ...normalSetting, threshold: Number(mode.threshold) };
  for (const line of compareInjected(series, seeds, setting)) printLine(line);
} else if (mode.windows) for (const line of compareWindows(files)) printLine(line);
else
  for (const file of files)
    printLine(mode.hourly ? walkHourly(readSeries(file, 'hour')) : walkDaily(readSeries(file, 'date')));

function walkHourly({ file, rows }: Series) {
  const series = hourlySeries(rows.map(({ at, views }) => ({ hour: at, views })));
  const alerts = walkHours(series, normalSetting).flatMap(({ hour, evaluation }) => alertLine(hour ?? '', evaluation));
  const ofThreeHours = walkSteadyHours(series, normalSetting).flatMap((evaluation, index) =>
    alertLine(series.counts[index]?.hour ?? '', evaluation),
  );
  return { file, points: rows.length, alerts, ofThreeHours };
}

function alertLine(at: string, evaluation: Evaluation) {
  return evaluation.kind === 'alert'
    ? [
        {
          at,
          kind: evaluation.direction,
          expected: rounded(evaluation.expected),
          actual: evaluation.actual,
          score: rounded(evaluation.score),
        },
      ]
    : [];
}

/** A date may carry a time; the alert names it as the row did. */
function walkDaily({ file, rows }: Series) {
  const names = new Map(rows.map(({ at }) => [at.slice(0, 10), at]));
  const counts = rows.map(({ at, views }) => ({ date: at.slice(0, 10), views }));
  const alerts = walkDays(counts, normalSetting).flatMap(({ date, evaluation }) =>
    alertLine(names.get(date) ?? date, evaluation),
  );
  return { file, points: rows.length, alerts };
}
