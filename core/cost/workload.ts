import { freshness } from '#schemas/counters.ts';
import { taken } from './stack-shape.ts';

/** What the bill depends on. The defaults describe an agency's traffic. */
export interface Workload {
  readonly clicksPerMonth: number;
  /** Number of clicked links, and how unevenly they are clicked: the exponent of Zipf's law. */
  readonly links: number;
  readonly linkExponent: number;
  /** Number of pages that own the links, equally uneven. */
  readonly pages: number;
  /** Share of clicks on links with a campaign, and number of campaigns. */
  readonly campaignShare: number;
  readonly campaigns: number;
  /** The busiest hour is `1 + swing` times the mean. */
  readonly swing: number;
  /** The setting of this name. */
  readonly freshnessSeconds: number;
  /** Pollers of each queue. */
  readonly pollers: number;
  /** Months that settled events are kept. */
  readonly monthsKept: number;
  /** Number of users who sign in, and visits of each per month. */
  readonly viewers: number;
  readonly visitsPerViewer: number;
  /** Whether the managed web ACL inspects every request. */
  readonly webAcl: boolean;
}

export function usualWorkload(clicksPerMonth: number): Workload {
  return {
    clicksPerMonth,
    links: 2000,
    linkExponent: 1,
    pages: 100,
    campaignShare: 0.2,
    campaigns: 20,
    swing: 0.6,
    freshnessSeconds: freshness.usual,
    pollers: taken.pollers.usual,
    monthsKept: 12,
    // One viewer per page, twice a week.
    viewers: 100,
    visitsPerViewer: 9,
    webAcl: false,
  };
}
