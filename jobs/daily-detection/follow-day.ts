import { backtest } from '#core/detect/backtest.ts';
import { type AlertState, type AlertTransition, nextAlertState } from '#core/detect/alert-state.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';
import { type DailyMetric, dailyMetrics } from '#core/alerts/evaluate-page.ts';
import { type PageHistory, trafficCounts } from '#core/alerts/page-history.ts';
import { type Recipients, alertsOf } from '#jobs/mailing/recipients.ts';
import { type RunCounts, skip } from '#jobs/run-record.ts';
import type { BacktestLine, EarlySignal, Incident, OutgoingMail } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import type { DailyDetectionDeps } from './deps.ts';
import { checkDestinations, explainDay } from './explain-alert.ts';

/** One page while a run works on it; nothing is written before its last date is evaluated. */
export interface PageWork {
  page: Page;
  history: PageHistory;
  setting: DetectionSetting;
  states: Record<DailyMetric, AlertState>;
  /** What the hourly job told last. */
  early: EarlySignal | undefined;
  through: string;
  incidents: Map<string, Incident>;
  mails: OutgoingMail[];
}

export interface RunContext {
  deps: Pick<DailyDetectionDeps, 'alerts' | 'history' | 'listLinksOfPage' | 'checkDestination' | 'now'>;
  recipients: Recipients;
  /** The schedule's time, milliseconds since the epoch. */
  time: number;
  /** By the clock on the wall: until then destinations are looked at. */
  checksUntil: number;
  counts: RunCounts;
}

/** Takes the evaluations of one local date into the page's states, incidents and mails: one mail for all that opened. */
export async function followDay(
  context: RunContext,
  work: PageWork,
  date: string,
  evaluations: Record<DailyMetric, Evaluation>,
): Promise<void> {
  const news: Incident[] = [];
  for (const metric of dailyMetrics) {
    const evaluation = evaluations[metric];
    if (evaluation.kind === 'skipped') skip(context.counts, `${metric}: ${evaluation.reason}`);
    else context.counts.evaluated += 1;
    const before = work.states[metric];
    const transition = nextAlertState(before, date, evaluation);
    work.states[metric] = transition.state;
    const incident = await onEvent(context, work, metric, date, evaluation, before, transition);
    if (incident) news.push(incident);
  }
  const [first, ...also] = news;
  if (first) await tell(context, work, 'alert', first, date, also);
  work.through = date;
}

/** @returns an incident that has opened and is to be told */
async function onEvent(
  context: RunContext,
  work: PageWork,
  metric: DailyMetric,
  date: string,
  evaluation: Evaluation,
  before: AlertState,
  { event, mail }: AlertTransition,
): Promise<Incident | undefined> {
  if (evaluation.kind === 'skipped') return undefined;
  const present = await openOne(context, work, metric, before);
  switch (event) {
    case 'opened':
    case 'reopened': {
      if (evaluation.kind !== 'alert') return undefined;
      // It turned from a drop into a surge, or back: the story before ends here, without a mail of its own.
      if (present) keep(work, ended(context, present, date, evaluation));
      context.counts.alerts += 1;
      const incident = keep(work, await opened(context, work, metric, date, evaluation));
      return mail === 'alert' && isNews(context, work, metric, date, incident) ? incident : undefined;
    }
    case 'continuing':
      if (present) keep(work, { ...present, lastAlert: date });
      return undefined;
    case 'recovered': {
      context.counts.recoveries += 1;
      if (!present) return undefined;
      const incident = keep(work, ended(context, present, date, evaluation));
      if (mail === 'recovery') await tell(context, work, 'recovery', incident, date);
      return undefined;
    }
    case 'recovering':
    case 'none':
      return undefined;
    default:
      return event satisfies never;
  }
}

/** The incident that an open state belongs to: of this run, or of one before. */
async function openOne({ deps }: RunContext, work: PageWork, metric: DailyMetric, state: AlertState) {
  if (state.kind !== 'open') return undefined;
  const id = `${state.since}#${metric}`;
  return work.incidents.get(id) ?? (await deps.alerts.incident(work.page.path, state.since, metric));
}

function keep(work: PageWork, incident: Incident): Incident {
  work.incidents.set(incident.id, incident);
  return incident;
}

type Told = Exclude<Evaluation, { kind: 'skipped' }>;

function ended({ time }: RunContext, incident: Incident, date: string, evaluation: Told): Incident {
  return {
    ...incident,
    recovered: date,
    recoveredAt: time,
    end: evidenceOf(evaluation),
  };
}

function evidenceOf({ expected, actual, score }: Told) {
  return { expected, actual, score };
}

async function opened(
  context: RunContext,
  work: PageWork,
  metric: DailyMetric,
  date: string,
  evaluation: Extract<Evaluation, { kind: 'alert' }>,
): Promise<Incident> {
  const { deps, checksUntil } = context;
  const unit = unitOf(metric, work.history);
  const falling = evaluation.direction !== 'surge';
  const destinations = falling
    ? await checkDestinations(deps, work.page.path, checksUntil)
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
    first: evidenceOf(evaluation),
    end: null,
    cause: await explainDay(deps, work.page.path, date, unit, evaluation),
    ...destinations,
  };
}

function unitOf(metric: DailyMetric, { unit }: PageHistory): Incident['unit'] {
  return metric === 'traffic' ? unit : 'rate';
}

/** False where the hourly job has told of it. */
function isNews(context: RunContext, work: PageWork, metric: DailyMetric, date: string, incident: Incident): boolean {
  if (!toldEarly(work, metric, date, incident)) return true;
  skip(context.counts, 'told-by-the-early-signal');
  const state = work.states[metric];
  if (state.kind === 'open') work.states[metric] = { ...state, relapsed: true };
  return false;
}

/** The hourly job has told of this very day: it also tells the end. */
function toldEarly({ early }: PageWork, metric: DailyMetric, date: string, { direction }: Incident): boolean {
  return (
    metric === 'traffic' &&
    early !== undefined &&
    early.since.slice(0, 10) === date &&
    (early.direction === 'surge') === (direction === 'surge')
  );
}

async function tell(
  context: RunContext,
  work: PageWork,
  kind: 'alert' | 'recovery',
  incident: Incident,
  date: string,
  also: Incident[] = [],
): Promise<void> {
  const { page } = work;
  const titled = { page: page.path, title: page.title, recent: recentDays(work.history, date, incident.unit) };
  const { sensitivity, method } = alertsOf(page);
  const content =
    kind === 'recovery'
      ? ({ kind, ...titled, incident } as const)
      : ({
          kind,
          ...titled,
          incident,
          also,
          sensitivity,
          backtest: method === 'classic' ? null : backtestLine(work, date),
        } as const);
  const story = `${kind}\n${page.path}\n${incident.id}`;
  work.mails.push(...(await context.recipients.ofPage(page, kind, story, content, context.time)));
}

/** Days that a mail's chart shows. */
const chartDays = 14;

function recentDays({ days }: PageHistory, date: string, unit: Incident['unit']) {
  return days
    .filter((day) => day.date <= date)
    .slice(-chartDays)
    .map(({ date: each, views, clicks }) => ({
      date: each,
      value: unit === 'rate' ? (views > 0 ? clicks / views : null) : unit === 'views' ? views : clicks,
    }));
}

const backtestDays = 90;

/** "With this setting you would have received 3 alerts in 90 days." */
function backtestLine(work: PageWork, date: string): BacktestLine {
  const { evaluated, days, incidents } = backtest(trafficCounts(work.history), work.setting, date, backtestDays);
  return { evaluated, days, dates: incidents.map(({ from }) => from) };
}
