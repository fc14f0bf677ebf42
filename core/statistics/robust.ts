export function mean(values: readonly number[]): number {
  const kept = values.filter((value) => !Number.isNaN(value));
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

/** 1 / Φ⁻¹(3/4): scales the median absolute deviation to the standard deviation of normal noise. */
const normalScale = 1.4826;

/** Spread around zero, for residuals: the scaled median of their absolute values. */
export function spreadAroundZero(residuals: readonly number[]): number {
  return normalScale * median(residuals.map(Math.abs));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The `share` quantile (0 to 1), interpolated; NaN of an empty list. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = measured(values);
  const at = (sorted.length - 1) * Math.min(1, Math.max(0, share));
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Returns the values sorted, without NaN ("not measured"). A typed array sorts three times as fast here. */
function measured(values: readonly number[]): Float64Array {
  const sorted = Float64Array.from(values).sort();
  // NaN sorts last.
  let known = sorted.length;
  while (known > 0 && Number.isNaN(sorted[known - 1])) known -= 1;
  return sorted.subarray(0, known);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** 90 % of the absolute values of a standard normal number are smaller. */
const normalQuantile = 1.645;

/**
 * Further out, a heavy tail differs more from a normal one than at this quantile. The power was chosen on seven daily series
 * and a labeled hourly one, of which 2.2 to 3 find the same windows.
 */
const tailPower = 2.5;

const largestTail = 3;

/**
 * Returns what to multiply limits in spreads by: 1 for errors of a normal distribution, more for heavier tails.
 * @param scores absolute errors in spreads
 */
export function tailFactor(scores: readonly number[]): number {
  return clamp((quantile(scores, 0.9) / normalQuantile) ** tailPower, 1, largestTail);
}
