import { type Incident, groupIncidents, type EvaluatedDay, walkDays } from '#core/detect/backtest.ts';
import { classicDays, classicTraffic } from '#core/detect/classic-rules.ts';
import { type DailyCount, dailySeries, dateOfDay, dayNumber, findExclusion } from '#core/detect/daily-series.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import { mean } from '#core/statistics/robust.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';

/** An incident with the expected and actual count of its first day. */
export interface NotifiedIncident extends Incident {
  expected: number;
  actual: number;
}

export interface MethodReport {
  /** Days that could be evaluated. */
  evaluated: number;
  incidents: NotifiedIncident[];
}

export interface BacktestReport extends MethodReport {
  days: number;
  /** Incidents of the classic rule. */
  classic: NotifiedIncident[];
}

/** Lists the incidents of this setting in the days up to `through`, and those of the classic rule. */
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
 * Runs the detectors over the days up to `through`, each using only the days before it.
 * @param through local date of the last day
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
    incidents: groupIncidents(walked).map((incident) => {
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

/** Runs the classic rule, which compares a day with the average of the 14 before it. */
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
  const excluded = findExclusion(count);
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
