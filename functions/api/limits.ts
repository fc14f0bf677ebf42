import { channelLimits } from '#schemas/channels.ts';
import { metricLimits } from '#schemas/insights/metrics.ts';
import { maxRules } from '#schemas/lake-jobs.ts';
import { conflict } from './problem.ts';

/** How many records one owner may have. The check and the write are two steps: requests at the same time may pass both. */
export const ownerLimits = {
  pagesOfAgency: 1_000,
  /** Invitations that can still be accepted, and those of the last 30 days that ended. */
  invitations: 1_000,
  /** Every settle compares the events of an hour with all rules. Removed rules count until a settle has undone them. */
  rulesOfPage: 20,
  rulesOfStack: maxRules,
  sharesOfPage: 100,
  keysOfUser: 50,
  annotationsOfPage: 1_000,
  segmentsOfPage: 50,
  /** Of a page, and of an agency. A new link with a campaign reads them. */
  campaignsOfOwner: 200,
  metricsOfPage: metricLimits.ofPage,
  /** Changed definitions and previews of a page: each reads the lake. */
  metricReadsAnHour: metricLimits.readsAnHour,
  funnelsOfPage: 20,
  /** Of a page, and of an agency. Each alert is sent to all. */
  channelsOfOwner: channelLimits.ofOwner,
  channelTestsAMinute: channelLimits.testsAMinute,
  /** They are part of the page's record, which every visit reads. */
  ingestKeysOfPage: 10,
  /** Of the last 7 days, after which an export is deleted. */
  exportsOfPage: 50,
  /** Of an agency, or of a page without one, an hour. Each scans the lake. */
  exportsAnHour: 20,
  /** Imports of history that a page may start within an hour: each reads a file of up to 2 GB. */
  importsAnHour: 30,
  /** Passwords tried for one link or share, a minute, by all visitors together and from one address. Each costs a hash. */
  unlocksAMinute: 60,
  unlocksOfAddressAMinute: 10,
  /** Pages of other sites that are read for one caller, a minute: previews of links, and icons that are not cached. */
  pagesReadAMinute: 120,
  /** Each scans the lake twice, and settles hours again. */
  erasuresAnHour: 20,
} as const;

/**
 * @param stored how many there are, at most `limit` of them counted
 * @param advice what to do about it
 * @throws {Problem} 409 if there are as many as there may be
 */
export function checkLimit(what: string, stored: number, limit: number, advice = 'Remove one first.'): void {
  if (stored >= limit) throw conflict(`There can be at most ${limit} ${what}. ${advice}`);
}

/**
 * @param what `funnel`
 * @param id of the record that gets the name; undefined for a new one
 * @throws {Problem} 409 if another record of the page has the name, whatever its case
 */
export function checkName(
  what: string,
  records: readonly { id: string; name: string }[],
  name: string,
  id?: string,
): void {
  if (records.some((record) => record.id !== id && record.name.toLowerCase() === name.toLowerCase()))
    throw conflict(`There is a ${what} \`${name}\` already.`, [
      { field: 'name', value: name, allowed: `a name that no other ${what} of the page has` },
    ]);
}
