/**
 * Rounds to decimals, halves away from zero, by the digits that the number is written with: 1.005 becomes 1.01, although it is
 * stored as a little less.
 * @param decimals 0 to 6
 */
export function roundTo(value: number, decimals: number): number {
  const [digits = '', exponent = '0'] = String(Math.abs(value)).split('e');
  const scaled = Number(`${digits}e${Number(exponent) + decimals}`);
  // From here on, numbers have no fraction.
  if (!Number.isFinite(value) || scaled >= 2 ** 52) return value;
  const rounded = Number(`${Math.round(scaled)}e-${decimals}`);
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}
