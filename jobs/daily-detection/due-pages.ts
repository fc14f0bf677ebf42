import { lastEndedDate } from '#core/alerts/local-days.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import { type RunCounts, skip } from '#jobs/run-record.ts';
import { type PageState, pageStateSchema } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import type { DailyDetectionDeps } from './deps.ts';

export interface DuePage {
  page: Page;
  state: PageState;
  /** Settled local dates that nobody has looked at yet, oldest first. */
  dates: string[];
}

const pagesAtOnce = 100;

/** Pages with a settled local day that has not been evaluated, read from the listing a hundred at a time. */
export async function duePages(
  deps: Pick<DailyDetectionDeps, 'alerts' | 'listPages'>,
  settled: number,
  counts: RunCounts,
): Promise<DuePage[]> {
  const due: DuePage[] = [];
  let after: string | undefined;
  do {
    const { rows, next } = await deps.listPages({ limit: pagesAtOnce, after });
    const people = rows.filter(({ path }) => path !== `/${canaryCode}`);
    counts.pages += people.length;
    const watched = people.filter((page) => alertsOf(page).enabled);
    if (watched.length < people.length) skip(counts, 'alerts-off', people.length - watched.length);
    due.push(...(await dueOf(deps, watched, settled, counts)));
    after = next;
  } while (after !== undefined);
  return due;
}

async function dueOf(
  deps: Pick<DailyDetectionDeps, 'alerts'>,
  pages: readonly Page[],
  settled: number,
  counts: RunCounts,
): Promise<DuePage[]> {
  const closed = pages.map((page) => ({ page, last: lastEndedDate(page.timeZone, settled) }));
  const states = await deps.alerts.states(closed.map(({ page }) => page.path));
  return closed.flatMap(({ page, last }) => {
    const state = states.get(page.path) ?? pageStateSchema.parse({ page: page.path });
    const dates = datesDue(state.through, last);
    if (dates.length === 0) skip(counts, 'no-new-settled-day');
    return dates.length === 0 ? [] : [{ page, state, dates }];
  });
}

/** After an outage a page is evaluated for so many days back; what is older is no news. */
const mostDates = 7;

function datesDue(through: string, last: string): string[] {
  const first = through === '' ? last : addDays(through, 1);
  const oldest = addDays(last, 1 - mostDates);
  const dates: string[] = [];
  for (let date = first < oldest ? oldest : first; date <= last; date = addDays(date, 1)) dates.push(date);
  return dates;
}
