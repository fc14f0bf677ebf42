import { clamp } from './robust.ts';
import { normalSetting } from './sensitivity.ts';

export type Feedback = 'useful' | 'not-useful';

/** Five not useful mails in a row double the change that the page asks for; ten useful ones bring it halfway back. */
const steps: Record<Feedback, number> = { 'not-useful': 2 ** (1 / 5), useful: 2 ** (-1 / 20) };
const smallest = 0.75;
const largest = 2.5;

/** The page's threshold after one answer. */
export const thresholdAfter = (threshold: number, feedback: Feedback): number =>
  clamp(threshold * steps[feedback], smallest, largest);

/** The page's threshold from all its answers, oldest first. */
export const thresholdFrom = (answers: readonly Feedback[]): number =>
  answers.reduce(thresholdAfter, normalSetting.threshold);
