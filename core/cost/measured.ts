/**
 * Measured sizes and times of this stack, which the cost model multiplies by prices.
 * Sizes: `npm run bench -- sizes`, an hour of 10 million clicks a month over 2,000 links of 100 pages.
 */
export const measured = {
  messageBytes: 730,
  /** Includes the line break and the 26 bytes that CloudWatch adds to each event. */
  requestLineBytes: 146,
  /** The same for a line of a refused request that is only counted. */
  refusedLineBytes: 157,
  /** Log bytes of enrich per batch and of rollup per group, with the line break, those 26 bytes, and Lambda's trace id. */
  enrichLogBytes: 275,
  rollupLogBytes: 270,
  /** Bytes of a raw file: `fixedBytes + rowBytes · rows`. */
  rawFile: { fixedBytes: 4230, rowBytes: 58 },
  settledRowBytes: 38,
  linkItemBytes: 145,
  pageItemBytes: 700,
  /** Mean write units of one update, while the items grow. */
  linkItemUnits: 1,
  pageItemUnits: 1.01,
  /** Bytes of a file's claim, and of a group per item that a later transaction updates. */
  claimBytes: 160,
  storedBytesPerItem: 33,
  /**
   * What settle does, as `test/lake/settle-requests.test.ts` counts it: queries, listings, and units of its own state for an
   * hour that has events, and queries for a local date that ends in a zone. Without new files, it sends no query.
   */
  settle: { queriesPerHour: 5, queriesPerDate: 5, listsPerHour: 11, writesPerHour: 28, readsPerHour: 36 },
  /** Files and compressed bytes of the dashboard's first load; the browser caches them until a deployment. */
  dashboardFiles: 13,
  dashboardFirstLoadBytes: 126_000,
  /** Seconds of one core, at the minimum speed required of `npm run bench -- enrich` and `npm run bench -- rollup`. */
  enrichSecondsPerEvent: 1 / 40_000,
  rollupSecondsPerEvent: 1 / 150_000,
} as const;
