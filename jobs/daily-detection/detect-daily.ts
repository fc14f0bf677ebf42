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
import { newCounts, runRecord, skip } from '#jobs/run-record.ts';
import { sendDueMails } from '#jobs/mailing/send-due-mails.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import type { DailyDetectionDeps } from './deps.ts';
import { type DuePage, duePages } from './due-pages.ts';
import { followDay, type PageWork, type RunContext } from './follow-day.ts';
import { type Histories, readHistories } from './read-histories.ts';

/** Milliseconds of a run in which destinations are looked at. */
const checkMilliseconds = 240_000;

/**
 * Evaluates every local day that has been settled since the last run, tells who wants to know, and sends the mails that
 * may leave. It may run any number of times, also twice at once: a day is evaluated once, and a mail leaves once.
 * @param time the schedule's, milliseconds since the epoch: hours settled later than it are not looked at
 * @throws {StoreUnavailable} {QueryFailed}
 */
export async function detectDaily(deps: DailyDetectionDeps, time: number): Promise<RunRecord> {
  const started = deps.now();
  const counts = newCounts();
  const context: RunContext = {
    deps,
    recipients: deps.recipients(),
    time,
    checksUntil: started + checkMilliseconds,
    counts,
  };
  const settled = await deps.settledThrough();
  if (settled === undefined) skip(counts, 'nothing-settled');
  else await evaluateDue(context, await duePages(deps, Math.min(settled, time), counts));
  const { sent = 0, ...kept } = await sendDueMails(deps.mailing, time);
  counts.mails = sent;
  for (const [reason, times] of Object.entries(kept)) skip(counts, `mail: ${reason}`, times);
  const record = runRecord('daily', time, counts, started, deps.now());
  await deps.alerts.putRun(record);
  return record;
}

/** Days before the first evaluated one: 13 weeks that teach, and two for the backtest to begin in. */
const historyDays = 105;

async function evaluateDue(context: RunContext, due: readonly DuePage[]): Promise<void> {
  const dates = [...new Set(due.flatMap((page) => page.dates))].toSorted();
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined) return;
  const { deps, counts } = context;
  const pages = due.map(({ page }) => page);
  const histories = await readHistories(deps.history, pages, addDays(first, -historyDays), last, counts);
  const works = due.map((page) => ({ dates: new Set(page.dates), work: workOf(page, histories) }));
  for (const date of dates) {
    const ofDate = works.filter((each) => each.dates.has(date)).map(({ work }) => work);
    await evaluateDate(context, ofDate, date, histories);
  }
  for (const { work } of works) await commit(context, work);
}

function workOf({ page, state }: DuePage, histories: Histories): PageWork {
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

/** Evaluates one local date of all pages that have it due, and bounds false discoveries for each owner. */
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
  // The other run has evaluated the same days and queued the same mails.
  if (!written) skip(counts, 'evaluated-by-another-run');
}
