import { type RangeRequest, resolveRange, type TimeRange } from '#core/ledger/time-range.ts';
import { invalidRequest } from '../problem.ts';

/** @throws {Problem} 400 for an invalid range */
export function parseRange(request: RangeRequest, zone: string, now: number): TimeRange {
  const result = resolveRange(request, zone, now);
  if (!result.ok) throw invalidRequest(result.problems);
  return result.range;
}
