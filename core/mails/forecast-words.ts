import type { PageForecast } from '#schemas/alerts.ts';
import { count, dateWords } from './words.ts';

const verdicts = {
  reached: 'the goal is reached',
  ahead: 'ahead of the goal',
  'on-course': 'on course for the goal',
  behind: 'behind the goal',
} as const;

/** "November is heading for 12,400 views (11,200 to 13,900): ahead of the goal of 10,000." */
export function paceWords(pace: PageForecast['pace']): string | null {
  if (pace === null) return null;
  const unit = pace.unit ?? 'views';
  const expected = `${dateWords.month(`${pace.month}-01`)} is heading for ${count(pace.expected)} ${unit} (${count(pace.low)} to ${count(pace.high)})`;
  if (pace.goal === null || pace.verdict === null) return `${expected}.`;
  return `${expected}: ${verdicts[pace.verdict]} of ${count(pace.goal)}.`;
}

const reasons: Readonly<Record<string, string>> = {
  'no-data': 'No day of this page has settled yet. The first forecast needs two weeks of them.',
  'short-history': 'Too little is known of this page yet: a forecast needs two weeks of settled days.',
};

/** Why there is no forecast. */
export function skippedWords(reason: string): string {
  return reasons[reason] ?? `No forecast could be made (${reason}).`;
}
