/** What the traffic does to a batch: pure arithmetic over rates. Times in seconds, rates in clicks per second. */

/** 365.25 days ÷ 12. */
export const secondsPerMonth = 2_629_800;
export const hoursPerMonth = secondsPerMonth / 3600;

export interface Poller {
  /** Concurrent pollers of an event source; the messages spread over them. */
  readonly pollers: number;
  /** Batching window; a batch opens with its first message. */
  readonly windowSeconds: number;
  readonly maxBatch: number;
  /** Longest time that an empty receive waits. */
  readonly longPollSeconds: number;
}

/** Shares of `count` things by Zipf's law: the k-th most popular has `k^-exponent`, scaled so that they add up to 1. */
export function zipfShares(count: number, exponent: number): number[] {
  const weights = Array.from({ length: count }, (_, index) => (index + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** How many different things `draws` draws are expected to touch: Σ 1 − (1 − p)^draws. */
export function expectedDistinct(shares: readonly number[], draws: number): number {
  return draws === 0 ? 0 : shares.reduce((sum, share) => sum - Math.expm1(draws * Math.log1p(-share)), 0);
}

/**
 * Mean rate of each hour of a day: a cosine around the mean, whose busiest hour is `1 + swing` times the mean. A flat
 * day would hide the small batches of the night.
 */
export function dayOfRates(clicksPerMonth: number, swing: number): number[] {
  return Array.from(
    { length: 24 },
    (_, hour) => (clicksPerMonth / secondsPerMonth) * (1 + swing * Math.cos((2 * Math.PI * (hour - 20)) / 24)),
  );
}

/** Messages per invocation: the one that opens the batch, and what its poller receives within the window. */
export function messagesPerBatch(rate: number, { pollers, windowSeconds, maxBatch }: Poller): number {
  return Math.min(maxBatch, 1 + (rate / pollers) * windowSeconds);
}

/** Receives per second that find nothing: each idle poller asks again after its long poll. */
export function emptyReceives(rate: number, { pollers, longPollSeconds }: Poller): number {
  return (pollers / longPollSeconds) * Math.exp((-rate / pollers) * longPollSeconds);
}

/**
 * Share of lookups that read the table, for entries that live `seconds` in the memory of each environment: an entry
 * costs one read per cycle of its life and the wait for the next request, Σ p ÷ (1 + rate·p·seconds/environments).
 */
export function missShare(shares: readonly number[], rate: number, environments: number, seconds: number): number {
  return shares.reduce((sum, share) => sum + share / (1 + (rate / environments) * share * seconds), 0);
}
