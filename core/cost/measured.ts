/**
 * Sizes and times of this stack that the cost model multiplies with prices: each the result of a command on this code.
 * Sizes: `npm run bench -- sizes`, an hour of 10 million clicks a month over 2,000 links of 100 pages.
 */
export const measured = {
  messageBytes: 730,
  /** With the line break and the 26 bytes that CloudWatch adds to each event. */
  requestLineBytes: 146,
  /** Log of enrich per batch and of rollup per file; from the log folder of a local stack after `hopcount replay`. */
  enrichLogBytes: 560,
  rollupLogBytes: 490,
  /** Bytes of a raw file: `fixedBytes + rowBytes · rows`. */
  rawFile: { fixedBytes: 4230, rowBytes: 58 },
  settledRowBytes: 38,
  linkItemBytes: 231,
  pageItemBytes: 777,
  /** Write units of one update, weighted by clicks: an hourly item of a busy page exceeds 1 KB. */
  linkItemUnits: 1,
  pageItemUnits: 1.33,
  /** Bytes that a marker needs for each item that it lists. */
  markerBytesPerItem: 6,
  /** Files and compressed bytes of the dashboard's first load; the browser keeps them until a deployment. */
  dashboardFiles: 13,
  dashboardFirstLoadBytes: 126_000,
  /** Seconds of one core: the least that `npm run bench -- enrich` and `npm run bench -- rollup` must reach. */
  enrichSecondsPerEvent: 1 / 40_000,
  rollupSecondsPerEvent: 1 / 150_000,
} as const;
