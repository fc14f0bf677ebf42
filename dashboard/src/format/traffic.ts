import type { Stats } from '#schemas/api.ts';
import { plural } from './numbers.ts';

export type Measure = 'views' | 'clicks' | 'customEvents';

type Totals = Pick<Stats['totals'], 'views' | 'clicks' | 'ctr'>;

/** In the plural, as in a sentence. */
export const measureWords: Readonly<Record<Measure, string>> = {
  views: 'views',
  clicks: 'clicks',
  customEvents: 'events',
};

/** `1 view`, `2 views`. */
export function pluralOf(measure: Measure, count: number): string {
  return plural(count, measureWords[measure].slice(0, -1));
}

/** `Views` */
export function measureName(measure: Measure): string {
  const word = measureWords[measure];
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/**
 * Returns the measure that describes the traffic: clicks where links are followed without a view, as in alerts and mails.
 * There the API returns no click-through rate.
 */
export function leadingMeasure({ clicks, ctr }: Totals): 'views' | 'clicks' {
  return ctr === null && clicks > 0 ? 'clicks' : 'views';
}

/** Returns the measures to show, the leading one first: no views where only links are followed. */
export function shownMeasures(totals: Totals): Measure[] {
  if (leadingMeasure(totals) === 'views') return ['views', 'clicks'];
  return totals.views === 0 ? ['clicks'] : ['clicks', 'views'];
}
