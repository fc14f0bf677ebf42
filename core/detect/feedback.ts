import { clamp } from '#core/statistics/robust.ts';
import { normalSetting } from './sensitivity.ts';

export type Feedback = 'useful' | 'not-useful';

/** Computes the page's threshold from all its feedback, oldest first. */
export function computeThreshold(answers: readonly Feedback[]): number {
  return answers.reduce(thresholdAfter, normalSetting.threshold);
}

/** Five "not useful" in a row double the minimum change; ten "useful" bring it halfway back. */
const steps: Record<Feedback, number> = { 'not-useful': 2 ** (1 / 5), useful: 2 ** (-1 / 20) };

const smallest = 0.75;

const largest = 2.5;

/** Updates the page's threshold by one piece of feedback. */
export function thresholdAfter(threshold: number, feedback: Feedback): number {
  return clamp(threshold * steps[feedback], smallest, largest);
}
