import { lookupFailedRule, type RefusedLine, refusedMessage } from '#schemas/log-lines.ts';
import { metricLines } from './metric-line.ts';

/**
 * Returns the log lines of a request that is answered 503 because its link or page could not be read: a metric, the reason,
 * and a line by which receipts count it for the stack, since its link and page are unknown.
 * @param at milliseconds since the epoch
 */
export function lookupFailedLines(at: number, error: unknown): string[] {
  const unknown = { page: null, link: null, campaign: null };
  const line: RefusedLine = { message: refusedMessage, at, rule: lookupFailedRule, count: 1, ...unknown };
  return [
    ...metricLines(at, { LookupFailed: 1 }),
    JSON.stringify({ message: 'lookup.failed', error: String(error) }),
    JSON.stringify(line),
  ];
}
