import { lastEndedDate } from '#core/ledger/time-range.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import { readPages, type RunCounts, skip } from '#jobs/alert-run.ts';
import { type PageState, pageStateSchema } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import type { DailyDetectionDeps } from './deps.ts';

export interface DuePage {
  page: Page;
  state: PageState;
  /** Settled local dates that have not been evaluated, oldest first. */
  dates: string[];
}

/** Returns the watched pages with settled local dates that have not been evaluated. */
export async function readDuePages(
  deps: Pick<DailyDetectionDeps, 'alerts' | 'listPages'>,
  settled: number,
  counts: RunCounts,
): Promise<DuePage[]> {
  const due: DuePage[] = [];
  for await (const pages of readPages(deps.listPages, counts)) {
    const watched = pages.filter((page) => alertsOf(page).enabled);
    if (watched.length < pages.length) skip(counts, 'alerts-off', pages.length - watched.length);
    due.push(...(await readDue(deps, watched, settled, counts)));
  }
  return due;
}

async function readDue(
  deps: Pick<DailyDetectionDeps, 'alerts'>,
  pages: readonly Page[],
  settled: number,
  counts: RunCounts,
): Promise<DuePage[]> {
  const closed = pages.map((page) => ({ page, last: lastEndedDate(page.timeZone, settled) }));
  const states = await deps.alerts.states(closed.map(({ page }) => page.path));
  return closed.flatMap(({ page, last }) => {
    const state = states.get(page.path) ?? pageStateSchema.parse({ page: page.path });
    const dates = dueDates(state.through, last);
    if (dates.length === 0) skip(counts, 'no-new-settled-day');
    return dates.length === 0 ? [] : [{ page, state, dates }];
  });
}

/** After an outage, older dates are no longer worth an alert. */
const maxDates = 7;

function dueDates(through: string, last: string): string[] {
  const first = through === '' ? last : addDays(through, 1);
  const oldest = addDays(last, 1 - maxDates);
  const dates: string[] = [];
  for (let date = first < oldest ? oldest : first; date <= last; date = addDays(date, 1)) dates.push(date);
  return dates;
}
