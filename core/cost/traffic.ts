/** Batch arithmetic over rates. Times are in seconds, rates in clicks per second. */

/** 365.25 days ÷ 12. */
export const secondsPerMonth = 2_629_800;
export const hoursPerMonth = secondsPerMonth / 3600;
export const daysPerMonth = 30.4;

export interface Poller {
  /** Concurrent pollers of an event source, which share the messages. */
  readonly pollers: number;
  /** Batching window, starting with the first message of a batch. */
  readonly windowSeconds: number;
  readonly maxBatch: number;
  /** Longest wait of an empty receive. */
  readonly longPollSeconds: number;
}

/** Returns `count` shares by Zipf's law: the k-th is proportional to `k^-exponent`, and they add up to 1. */
export function zipfShares(count: number, exponent: number): number[] {
  const weights = Array.from({ length: count }, (_, index) => (index + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Returns the expected number of distinct items in `draws` draws: Σ 1 − (1 − p)^draws. */
export function expectedDistinct(shares: readonly number[], draws: number): number {
  return draws === 0 ? 0 : shares.reduce((sum, share) => sum - Math.expm1(draws * Math.log1p(-share)), 0);
}

/**
 * Returns the mean rate of each hour of a day: a cosine whose busiest hour is `1 + swing` times the mean. A flat day
 * would hide the small batches at night.
 */
export function dayOfRates(clicksPerMonth: number, swing: number): number[] {
  return Array.from(
    { length: 24 },
    (_, hour) => (clicksPerMonth / secondsPerMonth) * (1 + swing * Math.cos((2 * Math.PI * (hour - 20)) / 24)),
  );
}

/** Multiplies the mean of the hourly rates by the seconds of a month. */
export function perMonth<Hour>(hours: readonly Hour[], perSecond: (hour: Hour) => number): number {
  return (hours.reduce((sum, hour) => sum + perSecond(hour), 0) / hours.length) * secondsPerMonth;
}

/** Returns the messages per invocation: the first of the batch, and those its poller receives within the window. */
export function messagesPerBatch(rate: number, { pollers, windowSeconds, maxBatch }: Poller): number {
  return Math.min(maxBatch, 1 + (rate / pollers) * windowSeconds);
}

/** Returns the empty receives per second: each idle poller receives again after its long poll. */
export function emptyReceives(rate: number, { pollers, longPollSeconds }: Poller): number {
  return (pollers / longPollSeconds) * Math.exp((-rate / pollers) * longPollSeconds);
}

/**
 * Returns the share of lookups that miss the cache, if each environment keeps an entry for `seconds`. An entry is read
 * once per lifetime plus the wait for the next request: Σ p ÷ (1 + rate·p·seconds/environments).
 */
export function missShare(shares: readonly number[], rate: number, environments: number, seconds: number): number {
  return shares.reduce((sum, share) => sum + share / (1 + (rate / environments) * share * seconds), 0);
}
