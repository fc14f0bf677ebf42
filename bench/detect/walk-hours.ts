import type { Direction, Evaluation } from '../../core/detect/evaluation.ts';
import type { HourlySeries } from '../../core/detect/hourly-series.ts';
import { createHourEvaluator } from '../../core/detect/hourly-traffic.ts';
import type { DetectionSetting } from '../../core/detect/sensitivity.ts';

export interface EvaluatedHour {
  /** As named in the input; undefined for a gap. */
  hour: string | undefined;
  evaluation: Evaluation;
}

/** Within this many hours, another alert in the same direction belongs to the same incident, unless it is larger. */
const sameIncidentHours = 24;

/** Evaluates every hour of a history from the hours before it, and reports an incident once. */
export function walkHours(series: HourlySeries, setting: DetectionSetting): EvaluatedHour[] {
  const evaluate = createHourEvaluator(series, setting);
  let told: { index: number; direction: Direction; actual: number } | undefined;
  return series.counts.map((count, index) => {
    const evaluation = evaluate(index);
    if (evaluation.kind !== 'alert') return { hour: count?.hour, evaluation };
    const { kind, direction, ...evidence } = evaluation;
    const repeats =
      told !== undefined &&
      told.direction === direction &&
      index - told.index <= sameIncidentHours &&
      evidence.actual <= told.actual;
    if (repeats)
      return { hour: count?.hour, evaluation: { kind: 'not-significant', reason: 'already-notified', ...evidence } };
    told = { index, direction, actual: evidence.actual };
    return { hour: count?.hour, evaluation: { kind, direction, ...evidence } };
  });
}
