import {
  type Comparison,
  compareHours,
  hourBefore,
  hoursToLookAt,
  isUsualAgain,
  isWorthALook,
  lastHourEnd,
  type ComparedHours,
} from '#core/alerts/early-screen.ts';
import { causeOfChange } from '#core/alerts/compare-days.ts';
import { boundByOwner } from '#core/alerts/owner-bound.ts';
import { unwatched } from '#core/detect/alert-state.ts';
import { createHourEvaluator } from '#core/detect/hourly-traffic.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import { startOfHour } from '#core/ledger/time-range.ts';
import { checkDestinations } from '#jobs/daily-detection/explain-alert.ts';
import { type Recipients, alertsOf } from '#jobs/mailing/recipients.ts';
import { newCounts, type RunCounts, runRecord, skip } from '#jobs/run-record.ts';
import { sendDueMails } from '#jobs/mailing/send-due-mails.ts';
import type { EarlySignal, Incident, PageState, RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import { entityHourKey, entityKeys } from '#schemas/counters.ts';
import type { HourNumbers } from '#stores/alerts/detection-history.ts';
import type { HourlyDetectionDeps } from './deps.ts';
import { createAliveHours, type HourHistory, readHourHistory } from './hour-series.ts';

interface Run {
  deps: HourlyDetectionDeps;
  recipients: Recipients;
  time: number;
  started: number;
  counts: RunCounts;
}

/**
 * Looks at the last complete hour of every page, by the hot counters: a page that has gone silent or viral is told
 * within two hours. It may run any number of times.
 * @param time the schedule's, milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export async function detectHourly(deps: HourlyDetectionDeps, time: number): Promise<RunRecord> {
  const counts = newCounts();
  const run: Run = { deps, recipients: deps.recipients(), time, started: deps.now(), counts };
  if (await eventsArrived(run)) await tellOpened(run, await evaluateAll(run, await lookAtEverybody(run)));
  else skip(counts, 'events-are-late');
  const { sent = 0, ...kept } = await sendDueMails(deps.mailing, time);
  counts.mails = sent;
  for (const [reason, times] of Object.entries(kept)) skip(counts, `mail: ${reason}`, times);
  const record = runRecord('hourly', time, counts, run.started, deps.now());
  await deps.alerts.putRun(record);
  return record;
}

const hourLength = 3_600_000;

/** Of the canary's 60 clicks an hour: with fewer, events are late or lost, and silence says nothing about a page. */
const leastHeartbeats = 45;

/** False when the canary's clicks of the last two hours have not arrived: nobody is evaluated by events that are late. */
async function eventsArrived({ deps, time }: Run): Promise<boolean> {
  const end = lastHourEnd('UTC', time);
  const hours = Array.from({ length: 26 }, (_, ago) => hourBefore('UTC', end - ago * hourLength));
  const entity = entityKeys.page(`/${canaryCode}`);
  const found = await deps.history.hours(hours.map((hour) => ({ entity, hour })));
  if (found.size === 0) return true;
  return hours.slice(0, 2).every((hour) => (found.get(entityHourKey({ entity, hour }))?.bots ?? 0) >= leastHeartbeats);
}

interface Looked {
  page: Page;
  state: PageState | undefined;
  /** End of its last complete hour. */
  end: number;
  comparison: Comparison;
}

interface Evaluated {
  looked: Looked;
  owner: string;
  state: typeof unwatched;
  evaluation: Evaluation;
  /** Undefined for a page that was not looked at closely. */
  history: HourHistory | undefined;
}

async function tellOpened(run: Run, evaluated: readonly Evaluated[]): Promise<void> {
  for (const { looked, evaluation, history } of boundByOwner(evaluated)) {
    if (evaluation.kind !== 'alert' || history === undefined) continue;
    const { state, end } = looked;
    if (isKnown(state, evaluation)) skip(run.counts, 'alert-open');
    else if (isTold(state?.early, evaluation, end)) skip(run.counts, 'already-told');
    else await open(run, looked, evaluation, history);
  }
}

type Alert = Extract<Evaluation, { kind: 'alert' }>;

/** The daily alert of this page says it already. */
function isKnown(state: PageState | undefined, { direction }: Alert): boolean {
  return state?.traffic?.kind === 'open' && state.traffic.direction === (direction === 'surge' ? 'surge' : 'drop');
}

/** The same story is not told again so soon. */
const toldMilliseconds = 24 * hourLength;

function isTold(early: EarlySignal | undefined, { direction, actual }: Alert, end: number): boolean {
  return (
    early !== undefined &&
    early.direction === direction &&
    end - startOfHour(early.since) <= toldMilliseconds &&
    (direction !== 'surge' || actual <= early.actual)
  );
}

const checkMilliseconds = 120_000;

async function open(run: Run, looked: Looked, evaluation: Alert, history: HourHistory): Promise<void> {
  const { deps, started } = run;
  const { page, end } = looked;
  const { direction, expected, actual, score } = evaluation;
  // Silence is two hours old when it is found.
  const since = hourBefore(page.timeZone, direction === 'silent' ? end - hourLength : end);
  const destinations =
    direction === 'surge'
      ? { broken: [], checked: false }
      : await checkDestinations(deps, page.path, started + checkMilliseconds);
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
    unit: history.unit,
    first: { expected, actual, score },
    end: null,
    cause: causeOf(looked, evaluation, history),
    ...destinations,
  };
  const early = { since, direction, actual, open: true, quiet: 0, through: new Date(end).toISOString() };
  await write(run, page, early, 'alert', [incident]);
}

/** Where a surge came from, against the same hour of the days before. Of silence there is nothing to take apart. */
function causeOf({ page, end }: Looked, evaluation: Alert, { numbers, unit }: HourHistory): Incident['cause'] {
  const after = numbers.get(hourBefore(page.timeZone, end));
  if (evaluation.direction !== 'surge' || after === undefined) return null;
  const before = hoursToLookAt(page.timeZone, end).before.flatMap(([hour]) => {
    const known = numbers.get(hour);
    return known ? [{ numbers: known }] : [];
  });
  return causeOfChange(before, { numbers: after }, unit, evaluation) ?? null;
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
      : await recipients.ofPage(
          page,
          kind,
          `${kind}\n${page.path}\n${incident.id}`,
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

/** Pages that had nothing to look at closely are among those evaluated: chance had its chance with them, too. */
const unremarkable: Evaluation = {
  kind: 'not-significant',
  reason: 'usual',
  expected: 0,
  actual: 0,
  usual: 0,
  score: 0,
  probability: 1,
};

async function evaluateAll(run: Run, all: readonly Looked[]): Promise<Evaluated[]> {
  const aliveHours = createAliveHours(run.deps, run.time);
  const evaluated: Evaluated[] = [];
  for (const looked of all) {
    const { page, state, end, comparison } = looked;
    const close = isWorthALook(comparison);
    run.counts.evaluated += 1;
    if (!close) {
      evaluated.push({ looked, owner: ownerOf(page), state: unwatched, evaluation: unremarkable, history: undefined });
      continue;
    }
    const history = await readHourHistory(run.deps, page, end, aliveHours);
    const { series } = history;
    const setting = { sensitivity: alertsOf(page).sensitivity, threshold: state?.threshold ?? 1 };
    const evaluation = createHourEvaluator(series, setting)(series.counts.length - 1);
    if (evaluation.kind !== 'alert') skip(run.counts, `early: ${evaluation.reason}`);
    evaluated.push({ looked, owner: ownerOf(page), state: unwatched, evaluation, history });
  }
  return evaluated;
}

function ownerOf(page: Page): string {
  return page.agency ?? page.path;
}

const pagesAtOnce = 100;

async function lookAtEverybody(run: Run): Promise<Looked[]> {
  const { deps, counts } = run;
  const fresh: Looked[] = [];
  let after: string | undefined;
  do {
    const { rows, next } = await deps.listPages({ limit: pagesAtOnce, after });
    const people = rows.filter(({ path }) => path !== `/${canaryCode}`);
    counts.pages += people.length;
    const watched = people.filter((page) => alertsOf(page).enabled && alertsOf(page).method === 'default');
    if (watched.length < people.length) skip(counts, 'alerts-off-or-classic', people.length - watched.length);
    for (const looked of await lookAtPages(run, watched)) {
      const early = looked.state?.early;
      if (isStory(early)) await followStory(run, looked, early);
      else fresh.push(looked);
    }
    after = next;
  } while (after !== undefined);
  return fresh;
}

/** A first look at a hundred pages: sixteen hours of each. */
async function lookAtPages(run: Run, pages: readonly Page[]): Promise<Looked[]> {
  const { deps, time } = run;
  const states = await deps.alerts.states(pages.map(({ path }) => path));
  const looks = pages.map((page) => {
    const state = states.get(page.path);
    const end = lastHourEnd(page.timeZone, time);
    return { page, state, end, look: lookAt(page, state, end) };
  });
  const wanted = looks.flatMap(({ page, look }) =>
    [...look.now, ...look.before.flat()].map((hour) => ({ entity: entityKeys.page(page.path), hour })),
  );
  const found = await deps.history.hours([
    ...new Map(wanted.map((each) => [entityHourKey(each), each] as const)).values(),
  ]);
  return looks.map(({ page, state, end, look }) => ({
    page,
    state,
    end,
    comparison: compareHours(look, (hour) =>
      totalOf(found.get(entityHourKey({ entity: entityKeys.page(page.path), hour }))),
    ),
  }));
}

function lookAt(page: Page, state: PageState | undefined, end: number): ComparedHours {
  const story = isStory(state?.early) ? startOfHour(state.early.since) : undefined;
  return hoursToLookAt(page.timeZone, end, story);
}

function isStory(early: EarlySignal | undefined): early is EarlySignal {
  return early?.open === true;
}

/** Pages are counted in what they mostly have. */
function totalOf(numbers: HourNumbers | undefined): number {
  return numbers ? Math.max(numbers.views, numbers.clicks) : 0;
}

/** A story that is open for so long is the daily detector's. */
const longestStory = 21 * 24 * hourLength;

/** Usual hours in a row that end a story. */
const usualHours = 2;

/** Goes on with a story that is open: it ends after two usual hours. */
async function followStory(run: Run, { page, end, comparison }: Looked, early: EarlySignal): Promise<void> {
  const through = new Date(end).toISOString();
  if (early.through >= through) return;
  run.counts.evaluated += 1;
  const quiet = isUsualAgain(early.direction, comparison) ? early.quiet + 1 : 0;
  const tooOld = end - startOfHour(early.since) > longestStory;
  const open = quiet < usualHours && !tooOld;
  const next = { ...early, quiet, open, through };
  if (open) return write(run, page, next, null, []);
  const incident = await run.deps.alerts.incident(page.path, early.since, 'early');
  if (!incident) return write(run, page, next, null, []);
  // Nobody follows it any more: it ends without a recovery, and expires as one that had it.
  if (tooOld && quiet < usualHours) return write(run, page, next, null, [{ ...incident, recoveredAt: run.time }]);
  const hour = hourBefore(page.timeZone, end);
  const { last, usualLast } = comparison;
  const evidence = { actual: last, expected: usualLast, score: 0 };
  return write(run, page, next, 'recovery', [
    { ...incident, lastAlert: hour, recovered: hour, recoveredAt: run.time, end: evidence },
  ]);
}
