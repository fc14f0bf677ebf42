import type { ViewsAndClicks } from './classic-rules.ts';
import { chiSquareTail, logGamma, studentTail } from '#core/statistics/distributions.ts';
import type { Evaluation } from './evaluation.ts';
import { type DetectionSetting, strictness } from './sensitivity.ts';

/** Minimum change of the rate for an alert, as a logarithm: 10 %. */
const smallestEffect = Math.log(1.1);
/** Significance level. */
const chance = 0.01;
const smallestViews = 20;
/** The history must hold at least this many times the recent views. */
const historyTimes = 3;

/**
 * Compares the click-through rate of a day, or of part of a day, with the same part of earlier days. `expected`, `actual`
 * and `usual` are rates; `score` is the logarithm of the change divided by the minimum change.
 */
export function evaluateClickThrough(
  days: readonly ViewsAndClicks[],
  recent: ViewsAndClicks,
  setting: DetectionSetting,
): Evaluation {
  if (!isCount(recent.views) || !isCount(recent.clicks)) return { kind: 'skipped', reason: 'not-a-count' };
  const known = days.filter(usable);
  const history = totalOf(known);
  if (recent.views < smallestViews) return { kind: 'skipped', reason: 'too-small' };
  if (history.views < historyTimes * recent.views) return { kind: 'skipped', reason: 'short-history' };
  const expected = history.clicks / history.views;
  const actual = recent.clicks / recent.views;
  const dispersion = clickThroughDispersion(known);
  const probability = clickThroughProbability(shrunk(history, dispersion), shrunk(recent, dispersion));
  // Half a click keeps a rate of 0 finite on the log scale.
  const change =
    Math.log((recent.clicks + 0.5) / (recent.views + 1)) - Math.log((history.clicks + 0.5) / (history.views + 1));
  const strict = strictness(setting);
  const evidence = { expected, actual, usual: expected, score: Math.abs(change) / smallestEffect, probability };
  const large = evidence.score >= strict;
  const unusual = probability < chance / strict ** 2;
  if (large && unusual) return { kind: 'alert', direction: change < 0 ? 'drop' : 'surge', ...evidence };
  if (large) return { kind: 'not-significant', reason: 'within-noise', ...evidence };
  return { kind: 'not-significant', reason: unusual ? 'below-minimum-effect' : 'usual', ...evidence };
}

function isCount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function usable({ views, clicks }: ViewsAndClicks): boolean {
  return isCount(views) && isCount(clicks) && views > 0;
}

function totalOf(days: readonly ViewsAndClicks[]): ViewsAndClicks {
  return {
    views: days.reduce((sum, { views }) => sum + views, 0),
    clicks: days.reduce((sum, { clicks }) => sum + clicks, 0),
  };
}

/** Significance level for days that differ more than counting explains. */
const dispersionChance = 1e-4;

/**
 * Returns the overdispersion of the history: Pearson's χ² per degree of freedom, or 1 unless it is highly significant, so
 * that chance in a short history does not cost power.
 */
export function clickThroughDispersion(days: readonly ViewsAndClicks[]): number {
  const { views, clicks } = totalOf(days);
  const rate = clicks / views;
  const freedom = days.length - 1;
  if (freedom < 6 || rate <= 0 || rate >= 1) return 1;
  const square = days.reduce(
    (sum, day) =>
      day.views === 0 ? sum : sum + (day.clicks - day.views * rate) ** 2 / (day.views * rate * (1 - rate)),
    0,
  );
  return chiSquareTail(square, freedom) < dispersionChance ? Math.max(1, square / freedom) : 1;
}

/** Above this many expected clicks the normal approximation is as good and the exact sum too slow. */
const exactClicks = 50_000;

/** Standard deviations beyond which outcomes are too unlikely to matter in the sum. */
const widest = 12;

/**
 * Returns the two-sided probability of Fisher's exact test with mid-p (Lancaster, 1961): outcomes less likely than the
 * observed one count fully, equally likely ones by half. With small counts, Fisher's own p allows far fewer false alarms
 * than its level; mid-p comes close to it.
 */
export function clickThroughProbability(
  history: ViewsAndClicks,
  recent: ViewsAndClicks,
  weightOfObserved = 0.5,
): number {
  const clicks = history.clicks + recent.clicks;
  const several = history.clicks > history.views || recent.clicks > recent.views;
  const share = recent.views / (recent.views + history.views);
  if (clicks * share > exactClicks) return normalProbability(history, recent);
  const logProbability = several ? logBinomial(share, clicks) : logHypergeometric(recent.views, history.views, clicks);
  const lowest = several ? 0 : Math.max(0, clicks - history.views);
  const highest = several ? clicks : Math.min(clicks, recent.views);
  const middle = clicks * share;
  const observed = logProbability(recent.clicks);
  const reach = Math.max(Math.abs(recent.clicks - middle), widest * Math.sqrt(middle + 1));
  const from = Math.max(lowest, Math.floor(middle - reach));
  const to = Math.min(highest, Math.ceil(middle + reach));
  let sum = 0;
  for (let outcome = from; outcome <= to; outcome += 1) {
    const log = logProbability(outcome);
    // Equal up to rounding of the logarithms.
    if (Math.abs(log - observed) < 1e-7) sum += Math.exp(log) * weightOfObserved;
    else if (log < observed) sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/** Returns the two-sided probability of the pooled test of two rates; clicks are Poisson counts if a view brings several. */
function normalProbability(history: ViewsAndClicks, recent: ViewsAndClicks): number {
  const rate = (history.clicks + recent.clicks) / (history.views + recent.views);
  const variance = rate * Math.max(1 - rate, rate > 1 ? 1 : 0) * (1 / history.views + 1 / recent.views);
  const difference = recent.clicks / recent.views - history.clicks / history.views;
  // With this many degrees of freedom, Student's distribution is the normal distribution.
  return variance > 0 ? 2 * studentTail(difference / Math.sqrt(variance), 1e6) : 1;
}

/** The same for views that bring several clicks: each click is recent with the recent share of views. */
function logBinomial(share: number, clicks: number) {
  return (recentClicks: number): number =>
    logChoose(clicks, recentClicks) + recentClicks * Math.log(share) + (clicks - recentClicks) * Math.log1p(-share);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/** Returns the hypergeometric log-probability of each number of recent clicks, given all clicks. */
function logHypergeometric(recentViews: number, historyViews: number, clicks: number) {
  return (recentClicks: number): number =>
    logChoose(recentViews, recentClicks) +
    logChoose(historyViews, clicks - recentClicks) -
    logChoose(recentViews + historyViews, clicks);
}

function shrunk({ views, clicks }: ViewsAndClicks, dispersion: number): ViewsAndClicks {
  return {
    views: Math.round(views / dispersion),
    clicks: Math.round(clicks / dispersion),
  };
}
