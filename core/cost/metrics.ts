import { dollars } from './prices.ts';
import { taken } from './stack-shape.ts';
import { daysPerMonth } from './traffic.ts';

/**
 * Calculates what a metric that is read from the lake costs at most, from the bytes that a preview scanned: its history once, and
 * each month the settling of its days. All metrics of a stack share a query, which is billed for at least 10 MB.
 * @param bytes of a preview
 * @param days of the preview, and of the history
 */
export function priceMetric(
  bytes: number,
  days: { preview: number; history: number },
): { history: number; month: number } {
  const perDay = bytes / days.preview;
  const queries = Math.ceil(days.history / datesOfQuery);
  const history = Math.max(perDay * days.history, queries * taken.athenaMinimumBytes);
  // A local date is within three UTC dates.
  const month = daysPerMonth * taken.zones * Math.max(3 * perDay, taken.athenaMinimumBytes);
  return { history: dollars('athenaScanned', history / 1e12), month: dollars('athenaScanned', month / 1e12) };
}

/** Dates of history that one query computes. */
const datesOfQuery = 31;
