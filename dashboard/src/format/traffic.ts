import type { Stats } from '#schemas/api.ts';

export type Measure = 'views' | 'clicks';

type Totals = Pick<Stats['totals'], Measure | 'ctr'>;

/**
 * Returns the measure that describes the traffic: clicks where links are followed without a view, as in alerts and mails.
 * There the API returns no click-through rate.
 */
export function leadingMeasure({ clicks, ctr }: Totals): Measure {
  return ctr === null && clicks > 0 ? 'clicks' : 'views';
}

/** Returns the measures to show, the leading one first: no views where only links are followed. */
export function shownMeasures(totals: Totals): Measure[] {
  if (leadingMeasure(totals) === 'views') return ['views', 'clicks'];
  return totals.views === 0 ? ['clicks'] : ['clicks', 'views'];
}
