import type { PageForecast } from '#schemas/alerts.ts';
import { count, dateWords } from './words.ts';

const verdicts = {
  reached: 'past the goal',
  ahead: 'ahead of the goal',
  'on-course': 'on course for the goal',
  behind: 'behind the goal',
} as const;

/** "Forecast for November: 12,400 views (11,200 to 13,900), ahead of the goal of 10,000." */
export function describePace(pace: PageForecast['pace']): string | null {
  if (pace === null) return null;
  const unit = pace.unit ?? 'views';
  const expected = `Forecast for ${dateWords.month(`${pace.month}-01`)}: ${count(pace.expected)} ${unit} (${count(pace.low)} to ${count(pace.high)})`;
  if (pace.goal === null || pace.verdict === null) return `${expected}.`;
  const goal = `${expected}, ${verdicts[pace.verdict]} of ${count(pace.goal)}`;
  const { probability = null, verdict } = pace;
  return probability === null || verdict === 'reached'
    ? `${goal}.`
    : `${goal}: ${likelihood(probability)} likely to reach it.`;
}

/** "84%", or a limit where the decimals would claim more than the forecast knows. */
function likelihood(probability: number): string {
  if (probability > 0.99) return 'over 99%';
  return probability < 0.01 ? 'under 1%' : `${Math.round(100 * probability)}%`;
}

const reasons: Readonly<Record<string, string>> = {
  'no-data': 'No day of this page has settled yet. A forecast needs two weeks of settled days.',
  'short-history': 'Not enough history yet. A forecast needs two weeks of settled days.',
};

/** Explains why there is no forecast. */
export function explainNoForecast(reason: string): string {
  return reasons[reason] ?? `No forecast is available (${reason}).`;
}
