import { backtest } from '#core/detect/backtest.ts';
import { type AlertState, type AlertTransition, nextAlertState } from '#core/detect/alert-state.ts';
import { clickThroughRate } from '#core/stats/counters.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';
import { type DailyMetric, dailyMetrics } from '#core/alerts/evaluate-page.ts';
import { mailLimitStart, mayMailAlert } from '#core/alerts/mail-limit.ts';
import { type PageHistory, trafficCounts } from '#core/alerts/page-history.ts';
import { type Recipients, alertsOf, mutedAt } from '#jobs/mailing/recipients.ts';
import { type RunCounts, skip } from '#jobs/alert-run.ts';
import type { BacktestLine, EarlySignal, Incident, OutgoingNotification } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import type { DailyDetectionDeps } from './deps.ts';
import { checkDestinations, explainDay } from './explain-alert.ts';

/** A page's progress within a run; written once, after its last date. */
export interface PageWork {
  page: Page;
  history: PageHistory;
  setting: DetectionSetting;
  states: Record<DailyMetric, AlertState>;
  /** The latest incident of hourly detection. */
  early: EarlySignal | undefined;
  through: string;
  incidents: Map<string, Incident>;
  mails: OutgoingNotification[];
  /** Nothing of it is stored; the page is due again in the next run. */
  failed: boolean;
}

export interface RunContext {
  deps: Pick<DailyDetectionDeps, 'alerts' | 'history' | 'listLinksOfPage' | 'getLink' | 'checkDestination' | 'now'>;
  recipients: Recipients;
  /** Time of the schedule, milliseconds since the epoch. */
  time: number;
  /** Returns when the destination checks of a page must end; milliseconds since the epoch. */
  checkDeadline: (page: Page) => number;
  counts: RunCounts;
}

/** Applies one local date's evaluations to the page's states, incidents and mails. One mail reports all new incidents. */
export async function followDay(
  context: RunContext,
  work: PageWork,
  date: string,
  evaluations: Record<DailyMetric, Evaluation>,
): Promise<void> {
  const opened: Incident[] = [];
  for (const metric of dailyMetrics) {
    const evaluation = evaluations[metric];
    if (evaluation.kind === 'skipped') skip(context.counts, `${metric}: ${evaluation.reason}`);
    else context.counts.evaluated += 1;
    const before = work.states[metric];
    const transition = nextAlertState(before, date, evaluation);
    work.states[metric] = transition.state;
    const incident = await applyTransition(context, work, metric, date, evaluation, before, transition);
    if (incident) opened.push(incident);
  }
  const [first, ...also] = opened;
  if (first) await queueMails(context, work, date, { kind: 'alert', incident: first, also });
  work.through = date;
}

/** @returns an incident that opened and needs an alert mail */
async function applyTransition(
  context: RunContext,
  work: PageWork,
  metric: DailyMetric,
  date: string,
  evaluation: Evaluation,
  before: AlertState,
  { event, mail }: AlertTransition,
): Promise<Incident | undefined> {
  if (evaluation.kind === 'skipped') return undefined;
  const present = await readOpenIncident(context, work, metric, before);
  switch (event) {
    case 'opened':
    case 'reopened': {
      if (evaluation.kind !== 'alert') return undefined;
      // A drop became a surge, or the reverse: the earlier incident ends without a recovery mail.
      if (present) keep(work, endIncident(context, present, date, evaluation));
      context.counts.alerts += 1;
      const incident = keep(work, await openIncident(context, work, metric, date, evaluation));
      if (mail !== 'alert' || wasReported(context, work, metric, date, incident)) return undefined;
      const mailed = await mayMail(context, work, date);
      if (!mailed) suppressRecovery(work, metric);
      const kept = keep(work, { ...incident, mailed });
      return mailed ? kept : undefined;
    }
    case 'continuing':
      if (present) keep(work, { ...present, lastAlert: date });
      return undefined;
    case 'recovered': {
      context.counts.recoveries += 1;
      if (!present) return undefined;
      const incident = keep(work, endIncident(context, present, date, evaluation));
      if (mail === 'recovery') await queueMails(context, work, date, { kind: 'recovery', incident });
      return undefined;
    }
    case 'recovering':
    case 'none':
      return undefined;
    default:
      return event satisfies never;
  }
}

/** Returns the incident of an open state, from this run or the catalog. */
async function readOpenIncident({ deps }: RunContext, work: PageWork, metric: DailyMetric, state: AlertState) {
  if (state.kind !== 'open') return undefined;
  const id = `${state.since}#${metric}`;
  return work.incidents.get(id) ?? (await deps.alerts.incident(work.page.path, state.since, metric));
}

function keep(work: PageWork, incident: Incident): Incident {
  work.incidents.set(incident.id, incident);
  return incident;
}

type Evaluated = Exclude<Evaluation, { kind: 'skipped' }>;

function endIncident({ time }: RunContext, incident: Incident, date: string, evaluation: Evaluated): Incident {
  return {
    ...incident,
    recovered: date,
    recoveredAt: time,
    end: pickStatistics(evaluation),
  };
}

function pickStatistics({ expected, actual, score }: Evaluated) {
  return { expected, actual, score };
}

async function openIncident(
  context: RunContext,
  work: PageWork,
  metric: DailyMetric,
  date: string,
  evaluation: Extract<Evaluation, { kind: 'alert' }>,
): Promise<Incident> {
  const { deps, checkDeadline } = context;
  const unit = unitOf(metric, work.history);
  const falling = evaluation.direction !== 'surge';
  const destinations = falling
    ? await checkDestinations(deps, work.page.path, checkDeadline(work.page))
    : { broken: [], checked: false };
  return {
    id: `${date}#${metric}`,
    page: work.page.path,
    metric,
    method: alertsOf(work.page).method,
    direction: evaluation.direction,
    since: date,
    lastAlert: date,
    recovered: null,
    openedAt: context.time,
    recoveredAt: null,
    unit,
    first: pickStatistics(evaluation),
    end: null,
    cause: await explainDay(deps, work.page.path, date, unit, evaluation),
    ...destinations,
  };
}

function unitOf(metric: DailyMetric, { unit }: PageHistory): Incident['unit'] {
  return metric === 'traffic' ? unit : 'rate';
}

/** Returns true if hourly detection has sent an alert about this change. It sends the recovery, too. */
function wasReported(
  context: RunContext,
  work: PageWork,
  metric: DailyMetric,
  date: string,
  incident: Incident,
): boolean {
  if (!wasNotifiedHourly(work, metric, date, incident)) return false;
  skip(context.counts, 'already-notified-hourly');
  suppressRecovery(work, metric);
  return true;
}

function suppressRecovery(work: PageWork, metric: DailyMetric): void {
  const state = work.states[metric];
  if (state.kind === 'open') work.states[metric] = { ...state, relapsed: true };
}

/** Returns false if the page is muted, or has had as many alert mails as it may have. */
async function mayMail({ deps, counts, time }: RunContext, work: PageWork, date: string): Promise<boolean> {
  if (mutedAt(work.page, time)) {
    skip(counts, 'muted');
    return false;
  }
  const stored = await deps.alerts.incidents(work.page.path, mailLimitStart(date));
  const may = mayMailAlert([...stored, ...work.incidents.values()], date);
  if (!may) skip(counts, 'mail-limit');
  return may;
}

function wasNotifiedHourly({ early }: PageWork, metric: DailyMetric, date: string, { direction }: Incident): boolean {
  return (
    metric === 'traffic' &&
    early !== undefined &&
    (early.open ? early.since.slice(0, 10) <= date : early.since.slice(0, 10) === date) &&
    (early.direction === 'surge') === (direction === 'surge')
  );
}

type News = { kind: 'alert'; incident: Incident; also: Incident[] } | { kind: 'recovery'; incident: Incident };

async function queueMails(context: RunContext, work: PageWork, date: string, news: News): Promise<void> {
  const { page } = work;
  const { incident } = news;
  const titled = { page: page.path, title: page.title, recent: recentDays(work.history, date, incident.unit) };
  const { sensitivity, method } = alertsOf(page);
  const content =
    news.kind === 'recovery'
      ? { ...news, ...titled }
      : { ...news, ...titled, sensitivity, backtest: method === 'classic' ? null : backtestLine(work, date) };
  work.mails.push(...(await context.recipients.notifyAboutPage(page, content, context.time)));
}

/** Length of the chart in a mail. */
const chartDays = 14;

function recentDays({ days }: PageHistory, date: string, unit: Incident['unit']) {
  return days
    .filter((day) => day.date <= date)
    .slice(-chartDays)
    .map(({ date: each, views, clicks }) => ({
      date: each,
      value: unit === 'rate' ? clickThroughRate(views, clicks) : unit === 'views' ? views : clicks,
    }));
}

const backtestDays = 90;

/** Returns the numbers for "With this setting you would have received 3 alerts in 90 days." */
function backtestLine(work: PageWork, date: string): BacktestLine {
  const { evaluated, days, incidents } = backtest(trafficCounts(work.history), work.setting, date, backtestDays);
  return { evaluated, days, dates: incidents.map(({ from }) => from) };
}
