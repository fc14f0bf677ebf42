/** Seeded random numbers and series: the same seed gives the same series on every machine. */

export type Random = () => number;

/** Uniform numbers in [0, 1): mulberry32, a 32-bit generator by Tommy Ettinger, public domain. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Successes of independent trials: by the distances between them, or by the normal approximation if there are many. */
export function binomial(random: Random, trials: number, chance: number): number {
  const variance = trials * chance * (1 - chance);
  if (variance > 300) {
    const successes = Math.round(trials * chance + Math.sqrt(variance) * normal(random));
    return Math.min(trials, Math.max(0, successes));
  }
  const step = Math.log1p(-Math.min(chance, 0.999999));
  let successes = -1;
  for (let at = 0; at <= trials; successes += 1) at += Math.floor(Math.log(1 - random()) / step) + 1;
  return successes;
}

/** Days of a page with a weekday pattern and day-to-day variation, without any change. */
export function dailyPage(random: Random, level: number, days: number, spread = 0.1): number[] {
  const weekday = [0.1, 0.05, 0, 0, 0.05, -0.15, -0.1];
  return Array.from({ length: days }, (_, day) =>
    poisson(random, level * Math.exp((weekday[day % 7] ?? 0) + spread * normal(random))),
  );
}

/** A Poisson count: by multiplication up to a mean of 30, by the normal approximation above. */
export function poisson(random: Random, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let product = random();
  let count = 0;
  for (const limit = Math.exp(-mean); product > limit; count += 1) product *= random();
  return count;
}

/** A standard normal number (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Hours of a page that sleeps at night, without any change: highest at 14 h, a twelfth of that at 2 h. */
export function diurnalPage(random: Random, level: number, hours: number, spread = 0.1): number[] {
  return Array.from({ length: hours }, (_, hour) => {
    const share = 1 - 0.85 * Math.cos((2 * Math.PI * ((hour % 24) - 2)) / 24);
    return poisson(random, level * share * Math.exp(spread * normal(random)));
  });
}
