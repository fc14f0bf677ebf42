import type { ViewsAndClicks } from '../../core/detect/classic-rules.ts';
import { totalOf } from '../../core/detect/click-through-spread.ts';
import { fisherProbability } from '../../core/statistics/two-rates.ts';

/** χ² with 27 degrees of freedom that chance exceeds once in 10,000 times. */
const significantSquare = 63.4;

const smallestEffect = Math.log(1.1);

/**
 * Our earlier rule, as an opponent: counts are divided by the dispersion of 28 days, but only if it is highly significant.
 */
export function switchedDispersion(days: readonly ViewsAndClicks[], recent: ViewsAndClicks): boolean {
  const history = totalOf(days);
  const rate = history.clicks / history.views;
  const square = days.reduce(
    (sum, { views, clicks }) => sum + (clicks - views * rate) ** 2 / (views * rate * (1 - rate)),
    0,
  );
  const dispersion = square > significantSquare ? square / (days.length - 1) : 1;
  const change =
    Math.log((recent.clicks + 0.5) / (recent.views + 1)) - Math.log((history.clicks + 0.5) / (history.views + 1));
  const large = Math.abs(change) >= smallestEffect;
  return large && fisherProbability(divided(history, dispersion), divided(recent, dispersion)) < 0.01;
}

function divided({ views, clicks }: ViewsAndClicks, dispersion: number): ViewsAndClicks {
  return { views: Math.round(views / dispersion), clicks: Math.round(clicks / dispersion) };
}
