/**
 * Returns P(Y ≤ count) and P(Y ≥ count) for a negative binomial count with variance mean + mean² · overdispersion.
 * An overdispersion of 0 is treated as a limit: the Poisson distribution.
 */
export function countTails(count: number, mean: number, overdispersion: number): { atMost: number; atLeast: number } {
  if (mean <= 0) return { atMost: 1, atLeast: count > 0 ? 0 : 1 };
  const size = 1 / Math.max(overdispersion, 1e-6);
  const success = size / (size + mean);
  const whole = Math.max(0, Math.round(count));
  return {
    atMost: incompleteBeta(size, whole + 1, success),
    atLeast: whole === 0 ? 1 : incompleteBeta(whole, size, 1 - success),
  };
}

/** Regularised incomplete beta function I_x(a, b), for a, b > 0. */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

/** Lanczos coefficients for g = 7. */

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** log Γ(x) for x > 0; Lanczos (1964) with g = 7, good to 13 digits. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  const sum = lanczos.reduce((total, value, index) => total + value / (x + index), 0.99999999999980993);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Continued fraction of the incomplete beta function by Lentz's method (DLMF 8.17.22). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  // 500 rounds are enough for a and b up to about 10^5, far above the sizes here.
  for (let m = 1; m <= 500; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return fraction;
}

const tiny = 1e-300;

function away(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** P(T ≥ |t|) of Student's distribution with `freedom` degrees; the normal distribution if they are infinite. */
export function studentTail(t: number, degrees: number): number {
  // With more degrees the distribution is normal to the last digit, and the continued fraction slow.
  const freedom = Math.min(1e6, degrees);
  return 0.5 * incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

/** Returns z ≥ 0 with a two-sided normal probability; Abramowitz and Stegun 26.2.23, good to 0.00045. */
export function normalDeviate(twoSided: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(1, twoSided) / 2));
  const numerator = 2.515517 + 0.802853 * t + 0.010328 * t ** 2;
  const denominator = 1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3;
  return Math.max(0, t - numerator / denominator);
}
