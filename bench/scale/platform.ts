/**
 * What AWS documents or, marked *assumed*, what we take where it documents nothing. Times in seconds.
 * Sources: Lambda developer guide ("Lambda function scaling", "Configuring scaling behavior for SQS event source mappings",
 * "Provisioned mode"), DynamoDB developer guide ("Quotas", "On-demand capacity mode", "Transactions"), S3 user guide
 * ("Optimizing Amazon S3 performance", "Event notifications"), CloudWatch Logs user guide ("Quotas": FilterLogEvents).
 */
export interface Platform {
  /** Requests per second of a synchronous function, for each of its allowed concurrent executions. */
  requestsPerConcurrency: number;
  /** Environments that Lambda adds to one function per second: 1,000 every 10 s. */
  environmentsPerSecond: number;
  /** Batches that an SQS source processes at the start, and how many more per second: 300 a minute. */
  pollers: { atStart: number; morePerSecond: number };
  /** *Assumed* as documented for provisioned mode: 10 receives a second, each with 10 messages. */
  receivesPerPoller: number;
  /** *Assumed* median of a small PUT or GET, and of one transaction of 100 items. */
  s3Seconds: number;
  transactionSeconds: number;
  /** *Assumed*; S3 says "typically in seconds". */
  notificationSeconds: number;
  /** *Assumed* time from the end of the response to the message in the queue. */
  sendSeconds: number;
  /** Write units per second of an on-demand table: at first, and the default quota of a table. */
  tableUnits: number;
  tableQuota: number;
  /** PUT and GET requests per second and prefix. */
  putsPerPrefix: number;
  getsPerPrefix: number;
  /** *Assumed* times of a listing of 1,000 keys, and of one update. */
  listSeconds: number;
  updateSeconds: number;
  /** FilterLogEvents: calls per second of an account; lines of a page of 1 MB and its time, *assumed* (`core/cost/stack-shape.ts`). */
  logCallsPerSecond: number;
  linesPerPage: number;
  pageSeconds: number;
  /** *Assumed*: what a query of Athena takes without rows, and the rows that one settles in a second. */
  querySeconds: number;
  rowsPerQuerySecond: number;
}

export const aws: Platform = {
  requestsPerConcurrency: 10,
  environmentsPerSecond: 100,
  pollers: { atStart: 5, morePerSecond: 5 },
  receivesPerPoller: 100,
  s3Seconds: 0.04,
  transactionSeconds: 0.02,
  notificationSeconds: 1,
  sendSeconds: 0.02,
  tableUnits: 4_000,
  tableQuota: 40_000,
  putsPerPrefix: 3_500,
  getsPerPrefix: 5_500,
  listSeconds: 0.15,
  updateSeconds: 0.005,
  logCallsPerSecond: 10,
  linesPerPage: 8_000,
  pageSeconds: 0.5,
  querySeconds: 1.5,
  rowsPerQuerySecond: 200_000,
};

/** What an owner sets, and how the stack is built. */
export interface StackSettings {
  /** Concurrency reserved for redirect. */
  redirectConcurrency: number;
  clicks: { batchSize: number; windowSeconds: number; concurrency: number };
  files: { batchSize: number; windowSeconds: number; concurrency: number };
  /** Write units per second that the table of counters is warmed up for. */
  warmWriteUnits: number;
}

/** What our code takes, measured on one core by `measureServiceTimes`. */
export interface ServiceTimes {
  /** Billed time of one redirect, which waits for the send: see `taken.redirectSeconds` of the cost model. */
  redirectSeconds: number;
  enrichSecondsPerEvent: number;
  rollupSecondsPerEvent: number;
  /** Counters that a number of clicks writes. */
  updates: (clicks: number) => number;
  /** Write units of one update in a transaction, and updates of one transaction. */
  unitsPerUpdate: number;
  updatesPerTransaction: number;
  /** Raw files read at the same time. */
  readsAtOnce: number;
}
