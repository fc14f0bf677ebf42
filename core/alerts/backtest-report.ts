import { type Incident, incidentsOf, type EvaluatedDay, walkDays } from '#core/detect/backtest.ts';
import { classicDays, classicTraffic } from '#core/detect/classic-rules.ts';
import { type DailyCount, dailySeries, dateOfDay, dayNumber, exclusionOf } from '#core/detect/daily-series.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import { mean } from '#core/statistics/robust.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';

/** An alert with what its first day should have brought, and did. */
export interface ToldIncident extends Incident {
  expected: number;
  actual: number;
}

export interface MethodReport {
  /** Days that could be evaluated, of the days looked at. */
  evaluated: number;
  incidents: ToldIncident[];
}

export interface BacktestReport extends MethodReport {
  days: number;
  /** What the classic rule would have said. */
  classic: ToldIncident[];
}

/** What this setting would have told in the days up to `through`, the classic rule beside it. */
export function backtestReport(
  counts: readonly DailyCount[],
  setting: DetectionSetting,
  through: string,
  days: number,
): BacktestReport {
  return {
    ...backtestDetectors(counts, setting, through, days),
    days,
    classic: backtestClassic(counts, through, days).incidents,
  };
}

/**
 * What the detectors would have told in the days up to `through`, each evaluated from the days before it alone.
 * @param through local date of the last day looked at
 */
export function backtestDetectors(
  counts: readonly DailyCount[],
  setting: DetectionSetting,
  through: string,
  days: number,
): MethodReport {
  return reportOf(within(walkDays(upTo(counts, through), setting), through, days));
}

function reportOf(walked: readonly EvaluatedDay[]): MethodReport {
  const evidence = new Map(walked.map(({ date, evaluation }) => [date, evaluation] as const));
  return {
    evaluated: walked.filter(({ evaluation }) => evaluation.kind !== 'skipped').length,
    incidents: incidentsOf(walked).map((incident) => {
      const first = evidence.get(incident.from);
      return first === undefined || first.kind === 'skipped'
        ? { ...incident, expected: 0, actual: 0 }
        : { ...incident, expected: first.expected, actual: first.actual };
    }),
  };
}

function within(walked: readonly EvaluatedDay[], through: string, days: number): EvaluatedDay[] {
  return walked.filter(({ date }) => dayNumber(date) > dayNumber(through) - days);
}

function upTo(counts: readonly DailyCount[], through: string): DailyCount[] {
  return counts.filter(({ date }) => date <= through);
}

/** The same of the classic rule, which compares a day with the average of the 14 before it. */
export function backtestClassic(counts: readonly DailyCount[], through: string, days: number): MethodReport {
  const { counts: series, firstDay } = dailySeries(upTo(counts, through));
  const views = series.map((count) => count?.views ?? Number.NaN);
  const walked = series.map((count, index) => ({
    date: dateOfDay(firstDay + index),
    evaluation: classicEvaluation(count, views.slice(Math.max(0, index - classicDays), index)),
  }));
  return reportOf(within(walked, through, days));
}

function classicEvaluation(count: DailyCount | undefined, before: readonly number[]): Evaluation {
  const excluded = exclusionOf(count);
  if (count === undefined || excluded !== undefined) return { kind: 'skipped', reason: excluded ?? 'missing' };
  const known = before.filter((views) => !Number.isNaN(views));
  if (known.length < classicDays) return { kind: 'skipped', reason: 'short-history' };
  const expected = mean(known);
  const score = expected > 0 ? Math.abs(count.views / expected - 1) : 0;
  const evidence = { expected, usual: expected, actual: count.views, score };
  const direction = classicTraffic(before, count.views);
  return direction === null
    ? { kind: 'not-significant', reason: 'usual', ...evidence, probability: 1 }
    : { kind: 'alert', direction, ...evidence, probability: 0 };
}
