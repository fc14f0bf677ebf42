import { unwatched } from '#core/detect/alert-state.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import {
  type DailyEvaluations,
  dailyMetrics,
  evaluateClassicDay,
  evaluatePageDay,
} from '#core/alerts/evaluate-page.ts';
import { boundByOwner } from '#core/alerts/owner-bound.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import { recordRun, skip } from '#jobs/alert-run.ts';
import { sendAndCount } from '#jobs/mailing/send-due-mails.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import type { DailyDetectionDeps } from './deps.ts';
import { type DuePage, readDuePages } from './due-pages.ts';
import { followDay, type PageWork, type RunContext } from './follow-day.ts';
import { type Histories, readHistories } from './read-histories.ts';

/** How long a run may check destinations. */
const checkMilliseconds = 240_000;

/**
 * Evaluates every local date that was settled since the last run, and sends the mails that are due. Runs may repeat or
 * overlap: each date is evaluated once, and each mail leaves once.
 * @param time of the schedule, milliseconds since the epoch; hours settled after it are left for later runs
 * @throws {StoreUnavailable} {QueryFailed}
 */
export function detectDaily(deps: DailyDetectionDeps, time: number): Promise<RunRecord> {
  return recordRun({ job: 'daily', time, deps }, async (counts) => {
    const checksUntil = deps.now() + checkMilliseconds;
    const context: RunContext = { deps, recipients: deps.recipients(), time, checksUntil, counts };
    const settled = await deps.settledThrough();
    if (settled === undefined) skip(counts, 'nothing-settled');
    else await evaluateDue(context, await readDuePages(deps, Math.min(settled, time), counts));
    await sendAndCount(deps.mailing, time, counts);
  });
}

/** Days before the first evaluated date: a baseline of 13 weeks, and two more weeks for the backtest to start in. */
const historyDays = 105;

async function evaluateDue(context: RunContext, due: readonly DuePage[]): Promise<void> {
  const dates = [...new Set(due.flatMap((page) => page.dates))].toSorted();
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined) return;
  const { deps, counts } = context;
  const pages = due.map(({ page }) => page);
  const histories = await readHistories(deps.history, pages, addDays(first, -historyDays), last, counts);
  const works = due.map((page) => ({ dates: new Set(page.dates), work: startWork(page, histories) }));
  for (const date of dates) {
    const ofDate = works.filter((each) => each.dates.has(date)).map(({ work }) => work);
    await evaluateDate(context, ofDate, date, histories);
  }
  for (const { work } of works) await commit(context, work);
}

function startWork({ page, state }: DuePage, histories: Histories): PageWork {
  return {
    page,
    history: histories.of(page),
    setting: { sensitivity: alertsOf(page).sensitivity, threshold: state.threshold },
    states: { traffic: state.traffic ?? unwatched, 'click-through': state['click-through'] ?? unwatched },
    early: state.early,
    through: state.through,
    incidents: new Map(),
    mails: [],
  };
}

/** Evaluates one local date of all pages due for it, and bounds false discoveries per owner. */
async function evaluateDate(context: RunContext, works: readonly PageWork[], date: string, histories: Histories) {
  const evaluated = works.map((work) => ({ work, evaluations: evaluate(work, date, histories) }));
  const bounded = evaluated.filter(({ work }) => alertsOf(work.page).method === 'default');
  for (const metric of dailyMetrics)
    for (const { each, evaluation } of boundByOwner(
      bounded.map((each) => ({
        each,
        owner: each.work.page.agency ?? each.work.page.path,
        state: each.work.states[metric],
        evaluation: each.evaluations[metric],
      })),
    ))
      each.evaluations[metric] = evaluation;
  for (const { work, evaluations } of evaluated) await followDay(context, work, date, evaluations);
}

const unsettled: Evaluation = { kind: 'skipped', reason: 'unsettled' };

function evaluate({ page, history, setting, states }: PageWork, date: string, histories: Histories): DailyEvaluations {
  if (histories.wasDown(page, date)) return { traffic: unsettled, 'click-through': unsettled };
  return alertsOf(page).method === 'classic'
    ? evaluateClassicDay(history, date)
    : evaluatePageDay(history, date, setting, states);
}

async function commit({ deps, counts }: RunContext, work: PageWork): Promise<void> {
  const { page, through, states, incidents, mails } = work;
  const written = await deps.alerts.commitDay({
    page: page.path,
    through,
    states,
    incidents: [...incidents.values()],
    mails,
  });
  if (!written) skip(counts, 'evaluated-by-another-run');
}
