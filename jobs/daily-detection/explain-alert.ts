import { causeOfChange, comparedDates } from '#core/alerts/compare-days.ts';
import type { Statistics } from '#core/detect/evaluation.ts';
import type { BrokenDestination, Incident } from '#schemas/alerts.ts';
import type { Link } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { DestinationReport, DailyDetectionDeps } from './deps.ts';

const maxDestinations = 20;
const concurrency = 5;

/** Requests the destinations of a page's enabled links and returns those with a problem. */
export async function checkDestinations(
  deps: Pick<DailyDetectionDeps, 'listLinksOfPage' | 'checkDestination' | 'now'>,
  page: string,
  deadline: number,
): Promise<DestinationReport> {
  const { rows } = await deps.listLinksOfPage(page, { limit: maxDestinations });
  const wanted = rows
    .filter(({ enabled }) => enabled)
    .flatMap((link) => destinationsOf(link).map((url) => ({ code: link.code, url })))
    .slice(0, maxDestinations);
  const broken: BrokenDestination[] = [];
  for (let from = 0; from < wanted.length; from += concurrency) {
    if (deps.now() >= deadline) return { broken, checked: false };
    const some = wanted.slice(from, from + concurrency);
    const problems = await Promise.all(some.map(({ url }) => deps.checkDestination(url)));
    some.forEach((destination, at) => {
      const problem = problems[at];
      if (problem !== undefined) broken.push({ ...destination, problem });
    });
  }
  return { broken, checked: wanted.length > 0 };
}

function destinationsOf({ url, deviceUrls, countryUrls }: Link): string[] {
  return [...new Set([url, ...Object.values(deviceUrls), ...Object.values(countryUrls)])].filter((each) =>
    /^https?:/.test(each),
  );
}

/** Explains the change on a settled date; null if the date has no settled counters. */
export async function explainDay(
  deps: Pick<DailyDetectionDeps, 'history'>,
  page: string,
  date: string,
  unit: Incident['unit'],
  statistics: Statistics,
): Promise<Incident['cause']> {
  const days = await deps.history.settled(entityKeys.page(page), [...comparedDates(date), date]);
  const after = days.find((day) => day.date === date);
  if (after === undefined) return null;
  const before = days.filter((day) => day !== after);
  return causeOfChange(before, after, unit, statistics) ?? null;
}
