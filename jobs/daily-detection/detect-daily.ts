import { unwatched } from '#core/detect/alert-state.ts';
import { baselineDays } from '#core/detect/daily-traffic.ts';
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
import { type Attempt, inTurns, ownerOf, recordRun, runMilliseconds, skip } from '#jobs/alert-run.ts';
import { sendAndCount } from '#jobs/mailing/send-due-mails.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { createCheckBudget } from './check-budget.ts';
import type { DailyDetectionDeps } from './deps.ts';
import { type DuePage, readDuePages } from './due-pages.ts';
import { followDay, type PageWork, type RunContext } from './follow-day.ts';
import { evaluateMetricAlerts } from './metric-alerts.ts';
import { type Histories, readHistories } from './read-histories.ts';

const checkLimits = { run: 180_000, owner: 45_000, page: 15_000 };

/**
 * Evaluates every local date that was settled since the last run, and the alerts of custom metrics, and sends the mails that are due. Runs may repeat or
 * overlap: each date is evaluated once, and each mail leaves once.
 * @param time of the schedule, milliseconds since the epoch; hours settled after it are left for later runs
 * @throws {StoreUnavailable} {QueryFailed}
 */
export function detectDaily(deps: DailyDetectionDeps, time: number): Promise<RunRecord> {
  return recordRun({ job: 'daily', time, deps }, async (counts, attempt) => {
    const deadline = deps.now() + runMilliseconds;
    const checkDeadline = createCheckBudget(deps.now, checkLimits);
    const run = { deps, recipients: deps.recipients(), time, checkDeadline, counts, attempt };
    const settled = await deps.settledThrough();
    if (settled === undefined) skip(counts, 'nothing-settled');
    else {
      const through = Math.min(settled, time);
      for (const group of groupByOwners(await readDuePages(deps, through, counts)))
        if (deps.now() < deadline) await evaluateDue(run, group);
        else skip(counts, 'no-time-left', group.length);
      await evaluateMetricAlerts({ ...run, deadline }, through);
    }
    await sendAndCount(deps.mailing, time, counts);
  });
}

/** Pages that are evaluated and committed together, so that a run that ends early has done some of them. */
const pagesPerGroup = 2000;

/** Splits pages into groups. The pages of an owner stay together: false discoveries are bounded among them. */
export function groupByOwners(due: readonly DuePage[]): DuePage[][] {
  const groups: DuePage[][] = [];
  for (const pages of Map.groupBy(due, ({ page }) => ownerOf(page)).values()) {
    const last = groups.at(-1);
    if (last && last.length + pages.length <= pagesPerGroup) last.push(...pages);
    else groups.push(pages);
  }
  return groups;
}

type DailyRun = RunContext & { deps: DailyDetectionDeps; attempt: Attempt };

/** Days before the first evaluated date: the baseline, and two weeks for its first medians. */
const historyDays = baselineDays + 14;

async function evaluateDue(run: DailyRun, due: readonly DuePage[]): Promise<void> {
  const dates = [...new Set(due.flatMap((page) => page.dates))].toSorted();
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined) return;
  const { deps, counts } = run;
  const pages = due.map(({ page }) => page);
  const histories = await readHistories(deps.history, pages, addDays(first, -historyDays), last, counts);
  const works = due.map((page) => ({ dates: new Set(page.dates), work: startWork(page, histories) }));
  for (const date of dates) {
    const ofDate = works.filter((each) => each.dates.has(date)).map(({ work }) => work);
    await evaluateDate(run, ofDate, date, histories);
  }
  for (const { work } of works) if (!work.failed) await run.attempt(work.page.path, () => commit(run, work));
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
    failed: false,
  };
}

/** Pages followed at a time: one whose destinations are slow does not hold up the others. */
const concurrency = 10;

/** Evaluates one local date of all pages due for it, and bounds false discoveries per owner. */
async function evaluateDate(run: DailyRun, works: readonly PageWork[], date: string, histories: Histories) {
  const evaluated = works.map((work) => ({ work, evaluations: evaluate(work, date, histories) }));
  const bounded = evaluated.filter(({ work }) => alertsOf(work.page).method === 'default');
  for (const metric of dailyMetrics)
    for (const { each, evaluation } of boundByOwner(
      bounded.map((each) => ({
        each,
        owner: ownerOf(each.work.page),
        state: each.work.states[metric],
        evaluation: each.evaluations[metric],
      })),
    ))
      each.evaluations[metric] = evaluation;
  const inOrder = inTurns(evaluated, ({ work }) => ownerOf(work.page));
  await forEachConcurrently(inOrder, concurrency, async ({ work, evaluations }) => {
    if (work.failed) return;
    // A page that fails is due again in the next run.
    work.failed = true;
    await run.attempt(work.page.path, async () => {
      await followDay(run, work, date, evaluations);
      work.failed = false;
    });
  });
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
