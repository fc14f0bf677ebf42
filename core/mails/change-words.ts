import type { ExplainedChange } from '#core/stats/explain-change.ts';
import type { Incident } from '#schemas/alerts.ts';
import type { ChangeMeasure } from '#schemas/api/changes.ts';
import { capitalize, causeFacts, formatAmount } from './incident-words.ts';
import { change as changeWords, percent } from './words.ts';

/** Above this, chance explains a change well enough. */
const likelyChance = 0.05;

/** One sentence each: how much changed, whether chance explains it, and where it came from. */
export function describeChange(
  explained: Pick<ExplainedChange, 'before' | 'after' | 'chance'>,
  cause: Incident['cause'],
  measure: ChangeMeasure,
): string[] {
  const { before, after, chance } = explained;
  const amounts = `${formatAmount(measure, after)}, before: ${measure === 'rate' ? percent(before) : formatAmount(measure, before)}`;
  const size = `${capitalize(amounts)} (${changeWords(after, before)}).`;
  if (chance === null) return [size];
  if (chance > likelyChance) return [size, 'A difference this small is often chance alone.'];
  return [size, ...causeFacts({ cause, unit: measure })];
}
