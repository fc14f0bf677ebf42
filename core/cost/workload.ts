/** What the bill depends on besides the clicks; the defaults are the shape of an agency's traffic. */
export interface Workload {
  readonly clicksPerMonth: number;
  /** Links that are clicked, and how unevenly: the exponent of Zipf's law. */
  readonly links: number;
  readonly linkExponent: number;
  /** Pages that own them, as uneven as their links. */
  readonly pages: number;
  /** Share of clicks on links with a campaign, spread over this many. */
  readonly campaignShare: number;
  readonly campaigns: number;
  /** The busiest hour is `1 + swing` times the mean. */
  readonly swing: number;
  /** Months that settled events are kept. */
  readonly monthsKept: number;
  /** People who sign in, and how often each of them looks in a month. */
  readonly viewers: number;
  readonly visitsPerViewer: number;
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
    monthsKept: 12,
    // One for each page, twice a week.
    viewers: 100,
    visitsPerViewer: 9,
  };
}
