import { logGamma, normalDeviate, studentTail } from './distributions.ts';

/** Clicks among views; a view may bring several. */
interface Rate {
  views: number;
  clicks: number;
}

/** Below this, the deviate of a probability has no more digits. */
const smallestProbability = 1e-200;

/**
 * Returns the difference of two rates in standard deviations of counting noise, at least 0: the normal deviate of Fisher's
 * exact test, or the pooled test of two rates if the counts are large.
 */
export function countingDeviate(history: Rate, recent: Rate): number {
  if (hasManyClicks(history, recent)) return pooledDeviate(history, recent);
  const probability = fisherProbability(history, recent);
  return probability < smallestProbability ? pooledDeviate(history, recent) : normalDeviate(probability);
}

/**
 * Returns the two-sided probability of Fisher's exact test with mid-p (Lancaster, 1961): outcomes less likely than the
 * observed one count fully, equally likely ones by half. With small counts, Fisher's own p allows far fewer false alarms
 * than its level; mid-p comes close to it.
 */
export function fisherProbability(history: Rate, recent: Rate, weightOfObserved = 0.5): number {
  if (hasManyClicks(history, recent)) return 2 * studentTail(pooledDeviate(history, recent), Number.POSITIVE_INFINITY);
  const clicks = history.clicks + recent.clicks;
  const several = bringsSeveral(history) || bringsSeveral(recent);
  const share = recent.views / (recent.views + history.views);
  const { logProbability, ratio } = several
    ? binomial(share, clicks)
    : hypergeometric(recent.views, history.views, clicks);
  const lowest = several ? 0 : Math.max(0, clicks - history.views);
  const highest = several ? clicks : Math.min(clicks, recent.views);
  const middle = clicks * share;
  const observed = logProbability(recent.clicks);
  const reach = Math.max(Math.abs(recent.clicks - middle), widest * Math.sqrt(middle + 1));
  const from = Math.max(lowest, Math.floor(middle - reach));
  const to = Math.min(highest, Math.ceil(middle + reach));
  let sum = 0;
  let log = logProbability(from);
  for (let outcome = from; outcome <= to; outcome += 1) {
    // Equal up to rounding of the logarithms.
    if (Math.abs(log - observed) < 1e-7) sum += Math.exp(log) * weightOfObserved;
    else if (log < observed) sum += Math.exp(log);
    log += Math.log(ratio(outcome));
  }
  return Math.min(1, sum);
}

/** Returns the variance of one view's clicks: binomial, or Poisson if a view brings several. */
export function varianceOfView({ views, clicks }: Rate): number {
  const rate = clicks / views;
  return bringsSeveral({ views, clicks }) ? rate : rate * (1 - rate);
}

/** Above this many expected clicks the normal approximation is as good and the exact sum too slow. */
const exactClicks = 2000;

function hasManyClicks(history: Rate, recent: Rate): boolean {
  return ((history.clicks + recent.clicks) * recent.views) / (history.views + recent.views) > exactClicks;
}

function pooledDeviate(history: Rate, recent: Rate): number {
  const all = { views: history.views + recent.views, clicks: history.clicks + recent.clicks };
  const variance = varianceOfView(all) * (1 / history.views + 1 / recent.views);
  const difference = recent.clicks / recent.views - history.clicks / history.views;
  return variance > 0 ? Math.abs(difference) / Math.sqrt(variance) : 0;
}

function bringsSeveral({ views, clicks }: Rate): boolean {
  return clicks > views;
}

/** Standard deviations beyond which outcomes are too unlikely to matter in the sum. */
const widest = 12;

/** A distribution of the recent clicks, and the ratio of the probabilities of `count + 1` and `count`. */
interface Distribution {
  logProbability: (count: number) => number;
  ratio: (count: number) => number;
}

/** Each click is recent with the recent share of views. */
function binomial(share: number, clicks: number): Distribution {
  const odds = share / (1 - share);
  return {
    logProbability: (count) =>
      logChoose(clicks, count) + count * Math.log(share) + (clicks - count) * Math.log1p(-share),
    ratio: (count) => ((clicks - count) / (count + 1)) * odds,
  };
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/** Each set of views may hold the clicks. */
function hypergeometric(recentViews: number, historyViews: number, clicks: number): Distribution {
  const total = logChoose(recentViews + historyViews, clicks);
  return {
    logProbability: (count) => logChoose(recentViews, count) + logChoose(historyViews, clicks - count) - total,
    ratio: (count) => ((recentViews - count) * (clicks - count)) / ((count + 1) * (historyViews - clicks + count + 1)),
  };
}
