import { type AlertState, nextAlertState, toLastAlert, unwatched } from '#core/detect/alert-state.ts';
import type { DailyCount } from '#core/detect/daily-series.ts';
import { evaluateDay, type LastAlert } from '#core/detect/daily-traffic.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';
import { metricAlertLimits, type MetricAlertState, type PeriodOutcome } from '#schemas/insights/metric-alert.ts';
import { isOfRule, type AlertStep, measuresByDate, type MetricNews, type UnusualMetric } from './alert.ts';
import { addMeasures, computeMetric, listUsedMeasures, type MeasureSums, type UsedMeasures } from './measures.ts';
import type { MetricDay } from './values.ts';

export interface UnusualFacts {
  metric: UnusualMetric;
  /** Local date to evaluate. */
  date: string;
  /** Days of the baseline and the date. */
  days: readonly MetricDay[];
  /** Hours of the local days on which the clock changes. */
  hours: ReadonlyMap<string, number>;
  /** Local dates that are ignored. */
  excluded: ReadonlySet<string>;
  setting: DetectionSetting;
  state: AlertState;
}

/**
 * Evaluates a local day of a metric as the traffic of a page is (`core/detect/daily-traffic.ts`). A value is compared as the
 * number of events that it is worth ({@link eventsPerUnit}), so that its noise is that of a count.
 *
 * A day is a gap if its value is unknown, and if a denominator has fewer than 20 events; it is too small if a measure has fewer
 * than 20 on this day and on a usual one. With smaller denominators than usual, a value is worth fewer events.
 */
export function evaluateUnusual(facts: UnusualFacts): Evaluation {
  const { metric, date, setting, state } = facts;
  const used = listUsedMeasures(metric);
  const known = measuresByDate(metric, facts.days);
  const present = known.get(date);
  const value = computeMetric(metric, present).value;
  if (facts.excluded.has(date)) return { kind: 'skipped', reason: 'bad-day' };
  if (present === undefined || value === null) return { kind: 'skipped', reason: 'missing' };
  const before = [...known].filter(
    ([each, measures]) => each < date && !facts.excluded.has(each) && hasDenominators(used, measures),
  );
  const usual = meanOf(before.map(([, measures]) => measures));
  if (usual === undefined) return { kind: 'skipped', reason: 'short-history' };
  if (!hasDenominators(used, present) || isTooSmall(used, present, usual))
    return { kind: 'skipped', reason: 'too-small' };
  const scale = eventsPerUnit(metric, used, { present, usual, before: before.map(([, measures]) => measures) });
  if (scale === undefined) return { kind: 'skipped', reason: 'not-a-count' };
  const counts = [...before, [date, present] as const].flatMap(([each, measures]): DailyCount[] => {
    const found = computeMetric(metric, measures).value;
    // A ratio does not grow with the length of its day.
    const hours = used.denominators.size > 0 ? 24 : (facts.hours.get(each) ?? 24);
    return found === null ? [] : [{ date: each, views: found * scale, hours }];
  });
  return rescale(evaluateDay(counts, date, setting, scaleLast(toLastAlert(state), scale)), scale);
}

/** Fewer events below the line make any ratio. */
function hasDenominators({ denominators }: UsedMeasures, sums: MeasureSums): boolean {
  return [...denominators].every((name) => numbersOf(sums, name) >= metricAlertLimits.events);
}

/** A fall from many events to none is what an alert is for, so the usual day counts, too. */
function isTooSmall({ all }: UsedMeasures, present: MeasureSums, usual: MeasureSums): boolean {
  return [...all].some((name) => Math.max(numbersOf(present, name), numbersOf(usual, name)) < metricAlertLimits.events);
}

function numbersOf(sums: MeasureSums, name: string): number {
  return sums[name]?.numbers ?? 0;
}

/** Returns the measures of an average day; undefined without any. */
function meanOf(days: readonly MeasureSums[]): MeasureSums | undefined {
  if (days.length === 0) return undefined;
  return Object.fromEntries(
    Object.entries(addMeasures(days)).map(([name, { sum, numbers, ignored }]) => [
      name,
      { sum: sum / days.length, numbers: numbers / days.length, ignored },
    ]),
  );
}

/** Step of a measure for the derivative, relative to it. */
const step = 0.01;

interface Baseline {
  present: MeasureSums;
  /** Of an average day. */
  usual: MeasureSums;
  before: readonly MeasureSums[];
}

/**
 * Returns how many events one unit of the value is worth; undefined if the usual value is not above 0. A value f of measures x is
 * worth `f² / Σ (∂f/∂ln x)² v(x)` events, which is the Poisson count with the same relative variance (delta method), v(x) being
 * that of the measure. 100 clicks are worth 100, and a ratio of 50 by 1,000 is worth 1 / (1/50 + 1/1,000) = 48.
 */
function eventsPerUnit(
  metric: UnusualMetric,
  { all, denominators }: UsedMeasures,
  baseline: Baseline,
): number | undefined {
  const { present, usual } = baseline;
  function valueWith(name: string, factor: number): number {
    const measure = usual[name];
    const sums = measure === undefined ? usual : { ...usual, [name]: { ...measure, sum: measure.sum * factor } };
    return computeMetric({ ...metric, unit: 'ratio' }, sums).value ?? Number.NaN;
  }
  const value = valueWith('', 1);
  const variance = [...all].reduce((sum, name) => {
    const slope = (valueWith(name, 1 + step) - valueWith(name, 1 - step)) / (2 * step);
    return slope === 0 ? sum : sum + slope ** 2 * relativeVariance(metric, name, baseline);
  }, 0);
  const share = Math.min(1, ...[...denominators].map((name) => numbersOf(present, name) / numbersOf(usual, name)));
  const scale = (value / variance) * share;
  return scale > 0 && Number.isFinite(scale) ? scale : undefined;
}

/**
 * Returns the variance of a measure of an average day by the square of its value: 1 / n of n events, and of a sum of numbers
 * (1 + c²) / n with their coefficient of variation c (a compound Poisson sum).
 */
function relativeVariance({ measures }: UnusualMetric, name: string, { usual, before }: Baseline): number {
  const numbers = numbersOf(usual, name);
  const of = measures[name]?.of;
  if (of === 'sum') return (1 + squaredVariation(name, usual, before)) / numbers;
  if (of === 'average') return Math.max(1, squaredVariation(name, usual, before)) / numbers;
  return 1 / numbers;
}

/** Estimates c² of single numbers from the means of days, each of which has the variance σ² / n. */
function squaredVariation(name: string, usual: MeasureSums, days: readonly MeasureSums[]): number {
  const mean = (usual[name]?.sum ?? 0) / numbersOf(usual, name);
  const deviations = days.flatMap((day) => {
    const { sum, numbers } = day[name] ?? { sum: 0, numbers: 0 };
    return numbers === 0 ? [] : [numbers * (sum / numbers / mean - 1) ** 2];
  });
  return deviations.length < 2 ? 0 : deviations.reduce((all, each) => all + each, 0) / (deviations.length - 1);
}

function scaleLast(last: LastAlert | undefined, scale: number): LastAlert | undefined {
  if (last === undefined || last.open === null) return last;
  return { ...last, open: { ...last.open, usual: last.open.usual * scale } };
}

function rescale(evaluation: Evaluation, scale: number): Evaluation {
  if (evaluation.kind === 'skipped') return evaluation;
  const { expected, actual, usual } = evaluation;
  return { ...evaluation, expected: expected / scale, actual: actual / scale, usual: usual / scale };
}

/** Returns the detection state of the present rule and version. */
export function detectionOf(metric: UnusualMetric, state: MetricAlertState | undefined): AlertState {
  return (isOfRule(state, metric) ? state.detection : undefined) ?? unwatched;
}

/**
 * Applies the evaluation of a day. The alert ends, as that of a page's traffic, after three usual days; a change within a week of
 * the last one belongs to it, without a message.
 */
export function followUnusual(
  { metric, date, days }: Pick<UnusualFacts, 'metric' | 'date' | 'days'>,
  evaluation: Evaluation,
  { state, muted }: { state: MetricAlertState | undefined; muted: boolean },
): Pick<AlertStep, 'state' | 'news'> {
  const before = detectionOf(metric, state);
  const { state: detection, event, mail } = nextAlertState(before, date, evaluation);
  const { value } = computeMetric(metric, measuresByDate(metric, days).get(date));
  const expected = evaluation.kind === 'skipped' ? null : evaluation.expected;
  const isNew = event === 'opened' || event === 'reopened';
  const wasAnnounced = isOfRule(state, metric) && state.announced;
  const announced = isNew ? mail === 'alert' && !muted : wasAnnounced;
  const known = { start: date, value: value ?? 0, expected };
  const news: MetricNews[] = [];
  if (isNew && announced) news.push({ kind: 'opened', since: date, ...known });
  if (event === 'recovered' && mail === 'recovery' && wasAnnounced && before.kind === 'open')
    news.push({ kind: 'recovered', since: before.since, ...known });
  return {
    news,
    state: {
      start: date,
      outcome: outcomeOf(evaluation),
      value,
      expected,
      since: detection.kind === 'open' ? detection.since : null,
      rule: metric.alert,
      version: metric.version,
      announced,
      detection,
    },
  };
}

function outcomeOf(evaluation: Evaluation): PeriodOutcome {
  switch (evaluation.kind) {
    case 'alert':
      return 'beyond';
    case 'not-significant':
      return 'within';
    case 'skipped':
      return evaluation.reason === 'too-small' ? 'muted' : 'unknown';
    default:
      return evaluation satisfies never;
  }
}
