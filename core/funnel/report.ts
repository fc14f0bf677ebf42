import type { FunnelReportStep, FunnelStepCount } from '#schemas/api/insights/funnels.ts';

export interface FunnelOptions {
  /** Steps of the funnel. */
  length: number;
  /** Fewer than this are hidden; 1 hides none. */
  smallest: number;
}

/**
 * Builds the steps of a funnel: `ofFirst = n(i) / n(1)` and `ofPrevious = n(i) / n(i - 1)`, null by 0; those that went no further
 * are lost, unless they can still go on. A number of people below `smallest` is hidden, and what would tell it.
 * @param counts by step; a missing one is 0
 */
export function buildFunnelSteps(counts: readonly FunnelStepCount[], options: FunnelOptions): FunnelReportStep[] {
  const steps = Array.from(
    { length: options.length },
    (_, at): FunnelStepCount =>
      counts.find(({ step }) => step === at + 1) ?? { step: at + 1, reached: 0, open: 0, medianSeconds: null },
  );
  return steps.map((count, at) =>
    toStep(count, { first: steps[0], before: steps[at - 1], next: steps[at + 1] }, options),
  );
}

type Neighbor = FunnelStepCount | undefined;

function toStep(
  { step, reached, open, medianSeconds }: FunnelStepCount,
  { first, before, next }: { first: Neighbor; before: Neighbor; next: Neighbor },
  { smallest }: FunnelOptions,
): FunnelReportStep {
  const isHidden = isSmall(reached, smallest);
  const isNextHidden = isSmall(next?.reached ?? 0, smallest);
  const isOpenHidden = isSmall(open, smallest);
  return {
    step,
    reached: isHidden ? '<5' : reached,
    ofFirst: isHidden ? null : divide(reached, first?.reached ?? 0, smallest),
    ofPrevious: isHidden ? null : divide(reached, (before ?? first)?.reached ?? 0, smallest),
    open: isHidden || isOpenHidden ? null : open,
    lost: isHidden || isNextHidden || isOpenHidden ? null : next === undefined ? 0 : reached - next.reached - open,
    medianSeconds: isHidden ? null : medianSeconds,
  };
}

function isSmall(count: number, smallest: number): boolean {
  return count > 0 && count < smallest;
}

function divide(part: number, whole: number, smallest: number): number | null {
  return whole === 0 || isSmall(whole, smallest) ? null : part / whole;
}
