import { reclassify } from '#core/referrer/reclassify.ts';
import { type ReferralRow, settleReferrals } from '#stores/lake/lake-queries.ts';
import type { SettleDeps } from './deps.ts';

/** Combinations of an hour that are looked at: the most frequent. */
export const mostReferrals = 20_000;

/** Longest line: an item of a list must fit into 1,024 characters. */
const longestLine = 1000;

/** Bytes of the longest list of changes: a query ends at 256 KB, and names rules and erasures too. */
export const longestList = 24_000;

/**
 * Classifies the referrers of an hour's rows by the present rules. Returns a line of `:referrals` for each combination that
 * changes, in `settle-events.sql`. What does not fit is found by the next rebuild.
 */
export async function reclassifyReferrals(
  athena: SettleDeps['athena'],
  source: { dt: string; hr: string; run: string; unreadable: string[]; erased: string[]; erased_count: number },
): Promise<string[]> {
  const { rows } = await athena.rows(settleReferrals, { ...source, most: mostReferrals });
  const lines: string[] = [];
  let length = 0;
  for (const row of rows) {
    const line = toLine(row);
    const bytes = line === undefined ? 0 : literalBytes(line);
    if (line === undefined || length + bytes > longestList) continue;
    lines.push(line);
    length += bytes;
  }
  return lines;
}

/** Returns the class and the name, and then the values of the row, as `referral_key` joins them. */
function toLine(row: ReferralRow): string | undefined {
  const referral = reclassify(row);
  const { version, host, class: kind, name, source, medium, campaign, network, browser } = row;
  const values = [version, host, kind, name, source, medium, campaign, network, browser];
  // A value with a separator would be another row's.
  if (referral === undefined || values.some((value) => /[\0\t\n]/.test(value))) return undefined;
  const line = [referral.class, referral.name, ...values].join('\t');
  return literalBytes(line) > longestLine ? undefined : line;
}

/** As a literal doubles quotes. */
function literalBytes(line: string): number {
  return Buffer.byteLength(line.replaceAll("'", "''")) + 1;
}
