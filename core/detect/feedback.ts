import { clamp } from '#core/statistics/robust.ts';
import { normalSetting } from './sensitivity.ts';

export type Feedback = 'useful' | 'not-useful';

/** The page's threshold from all its answers, oldest first. */
export function thresholdFrom(answers: readonly Feedback[]): number {
  return answers.reduce(thresholdAfter, normalSetting.threshold);
}

/** Five not useful mails in a row double the change that the page asks for; ten useful ones bring it halfway back. */
const steps: Record<Feedback, number> = { 'not-useful': 2 ** (1 / 5), useful: 2 ** (-1 / 20) };

const smallest = 0.75;

const largest = 2.5;

/** The page's threshold after one answer. */
export function thresholdAfter(threshold: number, feedback: Feedback): number {
  return clamp(threshold * steps[feedback], smallest, largest);
}
