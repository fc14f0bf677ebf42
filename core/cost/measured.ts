/**
 * Sizes and times of this stack that the cost model multiplies with prices. `measured` come out of a command on this
 * code; `shape` is how the stack is configured; `taken` cannot be measured without an account and names its source.
 */
export const measured = {
  /** Bytes of one click message; `npm run bench:enrich` sends the same. */
  messageBytes: 900,
  /** Bytes of one request line in the log, and the 26 that CloudWatch adds to each. */
  requestLineBytes: 140 + 26,
  /** Bytes of one raw file: `fixed + row · rows`. */
  rawFile: { fixedBytes: 9000, rowBytes: 40 },
  /** Bytes of one settled row. */
  settledRowBytes: 30,
  /** Seconds of one core per event in enrich, and per event in rollup. */
  enrichSecondsPerEvent: 1 / 50_000,
  rollupSecondsPerEvent: 1 / 200_000,
  /** Bytes of an hourly item. */
  linkItemBytes: 300,
  pageItemBytes: 700,
  /** Bytes that a marker needs for each item it lists. */
  markerBytesPerItem: 45,
} as const;
