import { type AlertState, nextAlertState, relapseDays, toLastAlert, unwatched } from './alert-state.ts';
import { type DailyCount, dailySeries, dateOfDay, dayNumber } from './daily-series.ts';
import { evaluateDayAt } from './daily-traffic.ts';
import type { Direction, Evaluation } from './evaluation.ts';
import type { DetectionSetting } from './sensitivity.ts';

export interface EvaluatedDay {
  /** Local date. */
  date: string;
  evaluation: Evaluation;
}

export interface Incident {
  /** Local dates of the first and the last alert. */
  from: string;
  to: string;
  /** Direction of the first alert. */
  direction: Direction;
  days: number;
}

export interface Backtest {
  /** Days that could be evaluated. */
  evaluated: number;
  days: number;
  incidents: Incident[];
}

/**
 * Lists the alerts that a setting would have raised: "3 alerts in 90 days".
 * @param through local date of the last day; later days are ignored
 */
export function backtest(
  counts: readonly DailyCount[],
  setting: DetectionSetting,
  through: string,
  days = 90,
): Backtest {
  const end = dayNumber(through);
  const walked = walkDays(
    counts.filter((count) => dayNumber(count.date) <= end),
    setting,
  ).filter(({ date }) => dayNumber(date) > end - days);
  return {
    evaluated: walked.filter(({ evaluation }) => evaluation.kind !== 'skipped').length,
    days,
    incidents: groupIncidents(walked),
  };
}

/** Evaluates every day of a history, gaps included, each using only the days before it. */
export function walkDays(counts: readonly DailyCount[], setting: DetectionSetting): EvaluatedDay[] {
  const series = dailySeries(counts);
  let state: AlertState = unwatched;
  return series.counts.map((_, index) => {
    const date = dateOfDay(series.firstDay + index);
    const evaluation = evaluateDayAt(series, index, setting, toLastAlert(state));
    state = nextAlertState(state, date, evaluation).state;
    return { date, evaluation };
  });
}

/** Groups alerts into incidents: one mail each. */
export function groupIncidents(days: readonly EvaluatedDay[]): Incident[] {
  const incidents: Incident[] = [];
  for (const { date, evaluation } of days) {
    if (evaluation.kind !== 'alert') continue;
    const last = incidents.at(-1);
    if (last !== undefined && dayNumber(date) - dayNumber(last.to) <= relapseDays)
      incidents[incidents.length - 1] = { ...last, to: date, days: last.days + 1 };
    else incidents.push({ from: date, to: date, direction: evaluation.direction, days: 1 });
  }
  return incidents;
}
