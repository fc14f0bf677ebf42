import { causeOfChange, type ComparedNumbers } from '#core/alerts/compare-days.ts';
import {
  comparedDays,
  type ComparedHours,
  type Comparison,
  compareHours,
  hourBefore,
  hoursBefore,
  hoursToLookAt,
  isUsualAgain,
  isWorthALook,
  lastHourEnd,
} from '#core/alerts/early-screen.ts';
import { mailLimitStart, mayMailAlert } from '#core/alerts/mail-limit.ts';
import { boundByOwner } from '#core/alerts/owner-bound.ts';
import { unwatched } from '#core/detect/alert-state.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import { createHourEvaluator } from '#core/detect/hourly-traffic.ts';
import { sameIncidentHours, usualHoursToRecover } from '#core/detect/steady-hours/evaluate.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';
import { addNumbers } from '#core/ledger/outcomes.ts';
import { startOfHour } from '#core/ledger/time-range.ts';
import { dayLength, hourLength } from '#core/time.ts';
import {
  type Attempt,
  inTurns,
  ownerOf,
  readPages,
  recordRun,
  type RunCounts,
  runMilliseconds,
  skip,
} from '#jobs/alert-run.ts';
import { createCheckBudget } from '#jobs/daily-detection/check-budget.ts';
import { checkDestinations } from '#jobs/daily-detection/explain-alert.ts';
import { alertsOf, mutedAt, type Recipients } from '#jobs/mailing/recipients.ts';
import { sendAndCount } from '#jobs/mailing/send-due-mails.ts';
import type { EarlySignal, Incident, PageState, RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { canaryCode, canaryMinutes } from '#schemas/catalog-rules.ts';
import { entityHourKey, entityKeys } from '#schemas/counters.ts';
import type { HourNumbers } from '#stores/alerts/detection-history.ts';
import type { HourlyDetectionDeps } from './deps.ts';
import { createActiveHours, type HourHistory, readHourHistory } from './hour-series.ts';
import { evaluateSteadyPage, isSteadyAgain, learnProfiles, recentHours, type SteadyPage } from './steady-pages.ts';

interface Run {
  deps: HourlyDetectionDeps;
  recipients: Recipients;
  time: number;
  /** Returns when the destination checks of a page must end; milliseconds since the epoch. */
  checkDeadline: (page: Page) => number;
  /** After it no page is compared in detail; milliseconds since the epoch. */
  deadline: number;
  counts: RunCounts;
  attempt: Attempt;
}

const checkLimits = { run: 120_000, owner: 30_000, page: 15_000 };

/**
 * Checks the last complete hour of every page against the hot counters, so that an alert about a surge or about traffic
 * that stopped is sent within two hours, and about a smaller change of a steady page within four. Repeated runs change
 * nothing.
 * @param time of the schedule, milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export function detectHourly(deps: HourlyDetectionDeps, time: number): Promise<RunRecord> {
  return recordRun({ job: 'hourly', time, deps }, async (counts, attempt) => {
    const deadline = deps.now() + runMilliseconds;
    const checkDeadline = createCheckBudget(deps.now, checkLimits);
    const run: Run = { deps, recipients: deps.recipients(), time, checkDeadline, deadline, counts, attempt };
    if (await eventsArrived(run)) {
      const screened = await screenPages(run);
      await openIncidents(run, await evaluateAll(run, screened));
      await learnProfiles(run, screened);
    } else skip(counts, 'events-are-late');
    await sendAndCount(deps.mailing, time, counts);
  });
}

/** Three quarters of the canary's clicks of an hour. With fewer, events are late or lost, and a page may have had views. */
const minimumHeartbeats = (0.75 * 60) / canaryMinutes;

/** Returns false if too few of the canary's clicks of the last two hours have arrived. */
async function eventsArrived({ deps, time }: Run): Promise<boolean> {
  const end = lastHourEnd('UTC', time);
  const hours = Array.from({ length: 26 }, (_, ago) => hourBefore('UTC', end - ago * hourLength));
  const entity = entityKeys.page(`/${canaryCode}`);
  const found = await deps.history.hours(hours.map((hour) => ({ entity, hour })));
  // A stack without a canary has no heartbeat to wait for.
  if (found.size === 0) return true;
  return hours
    .slice(0, 2)
    .every((hour) => (found.get(entityHourKey({ entity, hour }))?.bots ?? 0) >= minimumHeartbeats);
}

interface ScreenedPage extends SteadyPage {
  comparison: Comparison;
}

/** Compares every watched page with its usual hours, continues open incidents, and returns the pages without one. */
async function screenPages(run: Run): Promise<ScreenedPage[]> {
  const { deps, counts } = run;
  const withoutIncident: ScreenedPage[] = [];
  for await (const pages of readPages(deps.listPages, counts)) {
    const watched = pages.filter((page) => alertsOf(page).enabled && alertsOf(page).method === 'default');
    if (watched.length < pages.length) skip(counts, 'alerts-off-or-classic', pages.length - watched.length);
    for (const screened of await screenBatch(run, watched)) {
      const early = screened.state?.early;
      if (isOpen(early)) await run.attempt(screened.page.path, () => continueIncident(run, screened, early));
      else withoutIncident.push(screened);
    }
  }
  return withoutIncident;
}

/** Reads sixteen hours of each page, and the last twelve of a steady one. */
async function screenBatch({ deps, time }: Run, pages: readonly Page[]): Promise<ScreenedPage[]> {
  const states = await deps.alerts.states(pages.map(({ path }) => path));
  const screens = pages.map((page) => {
    const state = states.get(page.path);
    const end = lastHourEnd(page.timeZone, time);
    return { page, state, end, hours: comparedHours(page, state, end), recent: recentHours(page, state, end) };
  });
  const wanted = screens.flatMap(({ page, hours, recent }) =>
    [...hours.now, ...hours.before.flat(), ...recent].map((hour) => ({ entity: entityKeys.page(page.path), hour })),
  );
  const found = await deps.history.hours([
    ...new Map(wanted.map((each) => [entityHourKey(each), each] as const)).values(),
  ]);
  return screens.map(({ page, state, end, hours, recent }) => {
    function numbersOf(hour: string): HourNumbers | undefined {
      return found.get(entityHourKey({ entity: entityKeys.page(page.path), hour }));
    }
    return {
      page,
      state,
      end,
      recent: recent.map((hour) => ({ hour, numbers: numbersOf(hour) })),
      comparison: compareHours(hours, (hour) => viewsOrClicks(numbersOf(hour))),
    };
  });
}

function comparedHours(page: Page, state: PageState | undefined, end: number): ComparedHours {
  const since = isOpen(state?.early) ? startOfHour(state.early.since) : undefined;
  return hoursToLookAt(page.timeZone, end, since);
}

function isOpen(early: EarlySignal | undefined): early is EarlySignal {
  return early?.open === true;
}

/** Returns the larger count: some pages have mostly views, others mostly clicks. */
function viewsOrClicks(numbers: HourNumbers | undefined): number {
  return numbers ? Math.max(numbers.views, numbers.clicks) : 0;
}

/** After 21 days the new level is usual for daily detection, too. */
const longestIncident = 21 * 24 * hourLength;

async function continueIncident(run: Run, screened: ScreenedPage, early: EarlySignal): Promise<void> {
  const { page, end, comparison } = screened;
  const through = new Date(end).toISOString();
  if (early.through >= through) return;
  run.counts.evaluated += 1;
  const usual =
    early.expected === undefined ? isUsualAgain(early.direction, comparison) : isSteadyAgain(screened, early);
  const quiet = usual ? early.quiet + 1 : 0;
  const tooOld = end - startOfHour(early.since) > longestIncident;
  const open = quiet < usualHoursToRecover && !tooOld;
  const next = { ...early, quiet, open, through };
  if (open) return write(run, page, next, null, []);
  const incident = await run.deps.alerts.incident(page.path, early.since, 'early');
  if (!incident) return write(run, page, next, null, []);
  // It ends without a recovery, but with a time from which it expires.
  if (tooOld && quiet < usualHoursToRecover)
    return write(run, page, next, null, [{ ...incident, recoveredAt: run.time }]);
  const hour = hourBefore(page.timeZone, end);
  const { last, usualLast } = comparison;
  const statistics = { actual: last, expected: usualLast, score: 0 };
  return write(run, page, next, incident.mailed === false ? null : 'recovery', [
    { ...incident, lastAlert: hour, recovered: hour, recoveredAt: run.time, end: statistics },
  ]);
}

async function write(
  { deps, counts, recipients, time }: Run,
  page: Page,
  early: EarlySignal,
  kind: 'alert' | 'recovery' | null,
  incidents: readonly Incident[],
): Promise<void> {
  const [incident] = incidents;
  const mails =
    kind === null || incident === undefined
      ? []
      : await recipients.notifyAboutPage(
          page,
          kind === 'alert'
            ? {
                kind,
                page: page.path,
                title: page.title,
                incident,
                also: [],
                recent: [],
                backtest: null,
                sensitivity: alertsOf(page).sensitivity,
              }
            : { kind, page: page.path, title: page.title, incident, recent: [] },
          time,
        );
  if (await deps.alerts.commitEarly({ page: page.path, early, incidents, mails })) {
    if (kind === 'alert') counts.alerts += 1;
    if (kind === 'recovery') counts.recoveries += 1;
  } else skip(counts, 'evaluated-by-another-run');
}

interface EvaluatedPage {
  screened: ScreenedPage;
  owner: string;
  state: typeof unwatched;
  evaluation: Evaluation;
  /** The evaluation is of the last three hours of a steady page. */
  hours?: 3;
  /** Undefined if nothing is unusual. */
  history: HourHistory | undefined;
}

/** Unremarkable pages count as evaluated: the false-discovery bound needs the number of all comparisons. */
const unremarkable: Evaluation = {
  kind: 'not-significant',
  reason: 'usual',
  expected: 0,
  actual: 0,
  usual: 0,
  score: 0,
  probability: 1,
};

async function evaluateAll(run: Run, all: readonly ScreenedPage[]): Promise<EvaluatedPage[]> {
  const activeHours = createActiveHours(run.deps, run.time);
  const evaluated: EvaluatedPage[] = [];
  for (const screened of inTurns(all, ({ page }) => ownerOf(page))) {
    const { page, state, comparison } = screened;
    const common = { screened, owner: ownerOf(page), state: unwatched };
    run.counts.evaluated += 1;
    const setting = { sensitivity: alertsOf(page).sensitivity, threshold: state?.threshold ?? 1 };
    const steady = evaluateSteadyPage(screened, setting);
    if (!isWorthALook(comparison) && steady?.kind !== 'alert')
      evaluated.push({ ...common, evaluation: steady ?? unremarkable, history: undefined });
    // About 0.1 s a page. An owner with thousands of unusual pages must not end the run before others had their turn.
    else if (run.deps.now() >= run.deadline) skip(run.counts, 'no-time-left');
    else evaluated.push({ ...common, ...(await evaluateUnusual(run, screened, setting, steady, activeHours)) });
  }
  return evaluated;
}

/** Evaluates the last hour from the hours of four weeks; if it is no alert, the last three of a steady page may be one. */
async function evaluateUnusual(
  run: Run,
  { page, state, end }: ScreenedPage,
  setting: DetectionSetting,
  steady: Evaluation | undefined,
  activeHours: () => Promise<ReadonlySet<number>>,
): Promise<Pick<EvaluatedPage, 'evaluation' | 'history' | 'hours'>> {
  const history = await readHourHistory(run.deps, page, end, activeHours);
  const { series } = history;
  const evaluation = createHourEvaluator(series, setting)(series.counts.length - 1);
  if (evaluation.kind === 'alert') return { evaluation, history };
  if (steady?.kind === 'alert')
    return { evaluation: steady, hours: 3, history: { ...history, unit: state?.steady?.unit ?? history.unit } };
  skip(run.counts, `early: ${evaluation.reason}`);
  return { evaluation, history };
}

type Alert = Extract<Evaluation, { kind: 'alert' }>;

async function openIncidents(run: Run, evaluated: readonly EvaluatedPage[]): Promise<void> {
  for (const { screened, evaluation, history, hours } of boundByOwner(evaluated)) {
    if (evaluation.kind !== 'alert' || history === undefined) continue;
    const { state, end } = screened;
    if (isOpenDaily(state, evaluation)) skip(run.counts, 'alert-open');
    else if (wasNotified(state?.early, evaluation, end)) skip(run.counts, 'already-notified');
    else await run.attempt(screened.page.path, () => openIncident(run, screened, evaluation, history, hours));
  }
}

/** Returns whether daily detection has an open alert in the same direction. */
function isOpenDaily(state: PageState | undefined, { direction }: Alert): boolean {
  return state?.traffic?.kind === 'open' && state.traffic.direction === (direction === 'surge' ? 'surge' : 'drop');
}

/** Returns whether the last day had an alert in this direction that was at least as large. */
function wasNotified(early: EarlySignal | undefined, { direction, actual }: Alert, end: number): boolean {
  return (
    early !== undefined &&
    early.direction === direction &&
    end - startOfHour(early.since) <= sameIncidentHours * hourLength &&
    (direction !== 'surge' || actual <= early.actual)
  );
}

async function openIncident(
  run: Run,
  screened: ScreenedPage,
  evaluation: Alert,
  history: HourHistory,
  hours: EvaluatedPage['hours'],
): Promise<void> {
  const { deps, checkDeadline } = run;
  const { page, end } = screened;
  const { direction, expected, actual, score } = evaluation;
  // Silence is found in its second hour.
  const since = hourBefore(page.timeZone, end - ((hours ?? (direction === 'silent' ? 2 : 1)) - 1) * hourLength);
  const destinations =
    direction === 'surge'
      ? { broken: [], checked: false }
      : await checkDestinations(deps, page.path, checkDeadline(page));
  const date = since.slice(0, 10);
  const isMuted = mutedAt(page, run.time);
  const mailed = !isMuted && mayMailAlert(await deps.alerts.incidents(page.path, mailLimitStart(date)), date);
  if (!mailed) skip(run.counts, isMuted ? 'muted' : 'mail-limit');
  const incident: Incident = {
    id: `${since}#early`,
    page: page.path,
    metric: 'early',
    method: 'default',
    direction,
    since,
    lastAlert: since,
    recovered: null,
    openedAt: run.time,
    recoveredAt: null,
    ...(hours !== undefined && { hours }),
    unit: history.unit,
    first: { expected, actual, score },
    end: null,
    cause: causeOf(screened, evaluation, history, hours ?? 1),
    ...destinations,
    mailed,
  };
  const through = new Date(end).toISOString();
  const early = { since, direction, actual, open: true, quiet: 0, through, ...(hours !== undefined && { expected }) };
  await write(run, page, early, mailed ? 'alert' : null, [incident]);
}

/** Compares with the same hours of the seven days before. Traffic that stopped has no values to compare. */
function causeOf(
  { page, end }: ScreenedPage,
  evaluation: Alert,
  { numbers, unit }: HourHistory,
  hours: number,
): Incident['cause'] {
  function sumUpTo(last: number): ComparedNumbers[] {
    const known = hoursBefore(page.timeZone, last, hours)
      .map((hour) => numbers.get(hour))
      .filter((each) => each !== undefined);
    return known.length < hours ? [] : [{ numbers: addNumbers(known) }];
  }
  const [after] = sumUpTo(end);
  if (evaluation.direction === 'silent' || after === undefined) return null;
  const before = comparedDays.flatMap((days) => sumUpTo(end - days * dayLength));
  return causeOfChange(before, after, unit, evaluation) ?? null;
}
