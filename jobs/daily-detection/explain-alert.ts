import { causeOfChange, comparedDates } from '#core/alerts/compare-days.ts';
import type { DimensionCause } from '#core/detect/cause.ts';
import type { Statistics } from '#core/detect/evaluation.ts';
import { readTitles } from '#jobs/read-titles.ts';
import type { BrokenDestination, Incident } from '#schemas/alerts.ts';
import type { Link } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { DestinationReport, DailyDetectionDeps } from './deps.ts';

const maxDestinations = 20;
const concurrency = 5;
/** AWS's service that returns the caller's address. If it fails like every destination, the connection is at fault. */
const controlDestination = 'https://checkip.amazonaws.com/';

/**
 * Requests the destinations of a page's enabled links and returns those with a problem; none, with the reason, if the
 * check itself failed.
 */
export async function checkDestinations(
  deps: Pick<DailyDetectionDeps, 'listLinksOfPage' | 'checkDestination' | 'now'>,
  page: string,
  deadline: number,
): Promise<DestinationReport> {
  const { rows } = await deps.listLinksOfPage(page, { limit: maxDestinations });
  const wanted = rows
    .filter(({ enabled }) => enabled)
    .flatMap((link) => destinationsOf(link).map((url) => ({ code: link.code, ...titleOf(link), url })))
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
  const common = broken.length === wanted.length ? commonProblem(broken) : undefined;
  if (common !== undefined && (await deps.checkDestination(controlDestination)) === common)
    return { broken: [], checked: false, checkProblem: common };
  return { broken, checked: wanted.length > 0 };
}

/** Returns the problem that all of them have, or undefined. */
function commonProblem([first, ...others]: readonly BrokenDestination[]): string | undefined {
  return others.every(({ problem }) => problem === first?.problem) ? first?.problem : undefined;
}

function titleOf({ title }: Link): Pick<BrokenDestination, 'title'> {
  return title === null ? {} : { title };
}

function destinationsOf({ url, deviceUrls, countryUrls }: Link): string[] {
  return [...new Set([url, ...Object.values(deviceUrls), ...Object.values(countryUrls)])].filter((each) =>
    /^https?:/.test(each),
  );
}

/** Explains the change on a settled date; null if the date has no settled counters. */
export async function explainDay(
  deps: Pick<DailyDetectionDeps, 'history' | 'getLink'>,
  page: string,
  date: string,
  unit: Incident['unit'],
  statistics: Statistics,
): Promise<Incident['cause']> {
  const days = await deps.history.settled(entityKeys.page(page), [...comparedDates(date), date]);
  const after = days.find((day) => day.date === date);
  if (after === undefined) return null;
  const before = days.filter((day) => day !== after);
  const cause = causeOfChange(before, after, unit, statistics);
  return cause === undefined ? null : { ...cause, dimensions: await addTitles(deps, page, cause.dimensions) };
}

async function addTitles(
  deps: Pick<DailyDetectionDeps, 'getLink'>,
  page: string,
  dimensions: readonly DimensionCause[],
): Promise<NonNullable<Incident['cause']>['dimensions']> {
  const codes = dimensions
    .flatMap(({ dimension, values }) => (dimension === 'link' ? values : []))
    .map(({ value }) => value);
  const titles = await readTitles(deps, page, codes);
  return dimensions.map((each) => ({
    ...each,
    values: each.values.map((value) => {
      const title = each.dimension === 'link' ? titles.get(value.value) : undefined;
      return title === undefined ? value : { ...value, title };
    }),
  }));
}
