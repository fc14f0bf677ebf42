import type { HourCounters } from '../ledger/report.ts';
import { type Numbers, pickNumbers } from '../ledger/outcomes.ts';
import { startOfHour } from '../ledger/time-range.ts';
import { paceOf } from '../metrics/goal.ts';
import { conversionAttribute, outcomeAttribute } from '#schemas/counters.ts';
import { type CampaignDimension, campaignDimensions, dimensions, recordOf } from '#schemas/dimensions.ts';
import type { DayCounters } from './counters.ts';

/** The traffic of a campaign on some dates. */
export interface CampaignTraffic {
  /** Local dates with clicks, in order. `visitors` is null on dates that are not settled. */
  days: { date: string; clicks: number; visitors: number | null }[];
  /** Clicks by link and the path of its page, most first. */
  links: { id: string; page: string; clicks: number }[];
  /** Clicks by value, most first, without those that have no value. */
  breakdowns: Record<CampaignDimension, { value: string; clicks: number }[]>;
  /** Requests that are not counted, by outcome. */
  notCounted: Record<string, number>;
  /** Conversions by kind, and smallest units by currency. */
  conversions: Record<string, number>;
  /** First and last click in milliseconds since the epoch; of dates that are not settled, the start of the hour. */
  first: number | null;
  last: number | null;
}

/** Settled dates of a campaign on one page. */
export interface CampaignDays {
  page: string;
  days: readonly DayCounters[];
}

/** Sums up settled dates of a campaign over its pages. */
export function sumCampaignDays(pages: readonly CampaignDays[]): CampaignTraffic {
  const sums = createSums();
  for (const { page, days } of pages)
    for (const { date, numbers } of days) {
      const { clicks = 0, visitors = 0, first, last } = numbers;
      sums.addDay(date, clicks, visitors);
      for (const [id, count] of withPrefix(numbers, linkPrefix)) sums.addLink(id, page, count);
      sums.addNumbers(numbers);
      if (clicks > 0)
        sums.addMoments(first === undefined ? [] : [first * 1000], last === undefined ? [] : [last * 1000]);
    }
  return sums.take();
}

/** Hours of a link of a campaign. */
export interface CampaignHours {
  id: string;
  page: string;
  hours: readonly HourCounters[];
}

/** Sums up hours of the links of a campaign, which have no visitors and no conversions yet. */
export function sumCampaignHours(links: readonly CampaignHours[]): CampaignTraffic {
  const sums = createSums();
  for (const { id, page, hours } of links)
    for (const item of hours) {
      const numbers = pickNumbers(item);
      const clicks = numbers['clicks'] ?? 0;
      sums.addNumbers(numbers);
      if (clicks === 0) continue;
      sums.addDay(item.hour.slice(0, 10), clicks, null);
      sums.addLink(id, page, clicks);
      sums.addMoments([startOfHour(item.hour)], [startOfHour(item.hour)]);
    }
  return sums.take();
}

/** Adds the traffic of settled dates and that of the dates since. A date may be in both, if pages have different zones. */
export function addTraffic(settled: CampaignTraffic, open: CampaignTraffic): CampaignTraffic {
  const sums = createSums();
  for (const part of [settled, open]) {
    for (const { date, clicks, visitors } of part.days) sums.addDay(date, clicks, visitors);
    for (const { id, page, clicks } of part.links) sums.addLink(id, page, clicks);
    sums.addTotals(part);
    sums.addMoments(listOf(part.first), listOf(part.last));
  }
  return sums.take();
}

export function countClicks({ days }: Pick<CampaignTraffic, 'days'>): number {
  return days.reduce((sum, { clicks }) => sum + clicks, 0);
}

/**
 * Returns the share of a campaign's requests that were robots: robots / (robots + clicks). Null without any.
 */
export function shareOfBots(bots: number, clicks: number): number | null {
  return bots + clicks === 0 ? null : bots / (bots + clicks);
}

/** Returns budget / clicks in smallest units, with two decimals. Null without clicks. */
export function costPerClick(minor: number, clicks: number): number | null {
  return clicks === 0 ? null : Math.round((minor / clicks) * 100) / 100;
}

/**
 * Compares a value with the part of a goal that is to be expected, if it is reached evenly: target × elapsed.
 * @param elapsed share of the campaign's time that has passed, 0 to 1
 */
export function evenPaceOf({ value, target, elapsed }: { value: number; target: number; elapsed: number }) {
  const expected = target * elapsed;
  return { expected, share: value / target, pace: paceOf(value, expected, 'least') };
}

const linkPrefix = 'l.';

function withPrefix(numbers: Numbers, prefix: string): [string, number][] {
  return Object.entries(numbers).flatMap(([name, count]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), count]] : [],
  );
}

function listOf(moment: number | null): number[] {
  return moment === null ? [] : [moment];
}

type Day = CampaignTraffic['days'][number];
type LinkClicks = CampaignTraffic['links'][number];

function createSums() {
  const days = new Map<string, Day>();
  const links = new Map<string, LinkClicks>();
  const values = recordOf(campaignDimensions, () => new Map<string, number>());
  const notCounted = new Map<string, number>();
  const conversions = new Map<string, number>();
  let first: number | null = null;
  let last: number | null = null;

  return {
    addDay: (date: string, clicks: number, visitors: number | null): void => {
      const day = days.get(date) ?? { date, clicks: 0, visitors: 0 };
      const known = visitors === null || day.visitors === null ? null : day.visitors + visitors;
      days.set(date, { date, clicks: day.clicks + clicks, visitors: known });
    },
    addLink: (id: string, page: string, clicks: number): void => {
      links.set(id, { id, page, clicks: (links.get(id)?.clicks ?? 0) + clicks });
    },
    addNumbers: (numbers: Numbers): void => {
      for (const name of campaignDimensions)
        for (const [value, count] of withPrefix(numbers, `${dimensions[name].counter}.`))
          add(values[name], value, count);
      for (const [outcome, count] of withPrefix(numbers, outcomePrefix)) add(notCounted, outcome, count);
      for (const [of, count] of withPrefix(numbers, conversionAttribute(''))) add(conversions, of, count);
    },
    addTotals: (part: CampaignTraffic): void => {
      for (const name of campaignDimensions)
        for (const { value, clicks } of part.breakdowns[name]) add(values[name], value, clicks);
      for (const [outcome, count] of Object.entries(part.notCounted)) add(notCounted, outcome, count);
      for (const [of, count] of Object.entries(part.conversions)) add(conversions, of, count);
    },
    addMoments: (firsts: readonly number[], lasts: readonly number[]): void => {
      for (const at of firsts) first = first === null ? at : Math.min(first, at);
      for (const at of lasts) last = last === null ? at : Math.max(last, at);
    },
    take: (): CampaignTraffic => ({
      days: [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1)),
      links: [...links.values()].sort((a, b) => b.clicks - a.clicks || (a.id < b.id ? -1 : 1)),
      breakdowns: recordOf(campaignDimensions, (name) =>
        [...values[name]]
          .map(([value, clicks]) => ({ value, clicks }))
          .sort((a, b) => b.clicks - a.clicks || (a.value < b.value ? -1 : 1)),
      ),
      notCounted: Object.fromEntries(notCounted),
      conversions: Object.fromEntries(conversions),
      first,
      last,
    }),
  };
}

const outcomePrefix = outcomeAttribute('bot').slice(0, -'bot'.length);

function add(sums: Map<string, number>, name: string, count: number): void {
  sums.set(name, (sums.get(name) ?? 0) + count);
}
