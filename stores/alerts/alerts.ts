import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AlertState } from '#core/detect/alert-state.ts';
import { type Feedback, computeThreshold } from '#core/detect/feedback.ts';
import { alertKeys } from './alert-keys.ts';
import {
  type EarlySignal,
  type Incident,
  incidentSchema,
  type OutgoingNotification,
  type PageForecast,
  pageForecastSchema,
  type PageState,
  pageStateSchema,
  type RunRecord,
  type SteadyHours,
} from '#schemas/alerts.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import { expiring, isLive, parseItem, toItem } from '../dynamodb/items.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import { type Condition, createTable, isNew, type Item, type Table, type Write } from '../dynamodb/table.ts';
import { mailItem } from './outgoing-mails.ts';
import { z } from 'zod';

/** Everything that one evaluation of a page changes, written all or nothing. */
export interface PageOutcome {
  page: string;
  /** The last local date evaluated. */
  through: string;
  states: { traffic: AlertState; 'click-through': AlertState };
  incidents: readonly Incident[];
  mails: readonly OutgoingNotification[];
}

export interface EarlyOutcome {
  page: string;
  /** Written unless another run has evaluated a later hour. */
  early: EarlySignal;
  incidents: readonly Incident[];
  mails: readonly OutgoingNotification[];
}

export interface IncidentMark {
  /** Milliseconds since the epoch. */
  acknowledgedAt?: number;
  feedback?: Feedback;
}

/** Identifies an incident. */
export type IncidentKey = Pick<Incident, 'page' | 'since' | 'metric'>;

export interface Alerts {
  /** Returns the states by page; a page that was never evaluated has none. */
  states: (pages: readonly string[]) => Promise<Map<string, PageState>>;
  /** Returns false if another run was faster; it has queued the same mails. */
  commitDay: (outcome: PageOutcome) => Promise<boolean>;
  commitEarly: (outcome: EarlyOutcome) => Promise<boolean>;
  /** Stores what a page usually has by hour. Returns false if another run has stored it. */
  putSteady: (page: string, steady: SteadyHours) => Promise<boolean>;
  /** Returns incidents, newest first; with `since`, those with an alert or a recovery on or after this local date. */
  incidents: (page: string, since?: string) => Promise<Incident[]>;
  incident: (page: string, since: string, metric: string) => Promise<Incident | undefined>;
  /** Reads incidents of many pages in one batch, in any order; unknown ones are missing. */
  incidentsAt: (keys: readonly IncidentKey[]) => Promise<Incident[]>;
  /** Stores feedback; the last one per recipient and incident counts. Returns the page's new threshold. */
  answer: (page: string, incident: string, recipient: string, answer: Feedback, at: number) => Promise<number>;
  /** Returns what people said about incidents, by incident; the feedback is that of one recipient. */
  marks: (page: string, recipient: string) => Promise<ReadonlyMap<string, IncidentMark>>;
  /** @param at milliseconds since the epoch; undefined takes it back */
  acknowledge: (page: string, incident: string, at: number | undefined) => Promise<void>;
  forecast: (page: string) => Promise<PageForecast | undefined>;
  putForecast: (forecast: PageForecast) => Promise<void>;
  putRun: (run: RunRecord) => Promise<void>;
  /** Returns whether the mails of a summary are queued; `period` is `monthly#2026-10-01`. */
  isSummarized: (subject: string, period: string) => Promise<boolean>;
  putSummarized: (subject: string, period: string) => Promise<void>;
}

export interface AlertsOptions {
  client: DynamoDBClient;
  table: string;
  now: () => number;
  /** Days for which an incident is kept after its end; 0 keeps it forever. @default 0 */
  incidentDays?: number;
}

/**
 * Stores alert states, incidents, feedback, forecasts and run records in the catalog table. Every function may throw
 * {@link StoreUnavailable}; reads may also throw {@link DamagedItem}.
 */
export function createAlerts(options: AlertsOptions): Alerts {
  const table = createTable(options);
  return {
    ...createStates(options, table),
    ...createIncidents(options, table),
    ...createAnswers(options, table),
    ...createMarks(options, table),
    forecast: async (page) => {
      const item = await table.get(alertKeys.forecast(page));
      return item && parseItem(pageForecastSchema, item);
    },
    putForecast: (forecast) => table.put(toItem({ ...alertKeys.forecast(forecast.page), ...forecast })),
    // Expires after the time of writing: a manual run may have a `time` long ago.
    putRun: (run) =>
      table.put(toItem({ ...alertKeys.run(run.job, run.time), ...run, ...expiring(options.now(), keptDays.runs) })),
    isSummarized: async (subject, period) => (await table.get(alertKeys.summary(subject, period))) !== undefined,
    putSummarized: (subject, period) =>
      table.put(toItem({ ...alertKeys.summary(subject, period), ...expiring(options.now(), keptDays.mails) })),
  };
}

/** A transaction has at most 100 items and 4 MB. A mail may have 45 KB, and a page any number of readers. */
const mailsPerTransaction = 50;
const queueConcurrency = 10;

interface StateUpdate {
  page: string;
  set: Record<string, unknown>;
  condition: Condition;
}

function createStates({ incidentDays = 0 }: AlertsOptions, table: Table) {
  /** Updates the state alone, or together with the incidents and mails in one transaction. */
  async function commit(
    { page, set, condition }: StateUpdate,
    incidents: readonly Incident[],
    mails: readonly OutgoingNotification[],
  ) {
    const key = alertKeys.state(page);
    const change = { set: { page, ...set } };
    // A mail about the same news has the same id, so a run that repeats after a crash queues none twice.
    await forEachConcurrently(mails.slice(mailsPerTransaction), queueConcurrency, async (mail) => {
      await table.putIf(mailItem(mail), isNew);
    });
    const together = mails.slice(0, mailsPerTransaction);
    const items = [...incidents.map((each) => incidentItem(each, incidentDays)), ...together.map(mailItem)];
    if (items.length === 0) return table.updateIf(key, change, condition);
    const puts = items.map((item): Write => ({ kind: 'put', item }));
    return table.transact([{ kind: 'update', key, change, condition }, ...puts]);
  }

  return {
    states: async (pages: readonly string[]): Promise<Map<string, PageState>> => {
      const states = (await table.batchGet(pages.map(alertKeys.state), { consistent: true })).map((item) =>
        parseItem(pageStateSchema, item),
      );
      return new Map(states.map((state) => [state.page, state]));
    },
    incidentsAt: async (keys: readonly IncidentKey[]): Promise<Incident[]> => {
      const itemKeys = keys.map(({ page, since, metric }) => alertKeys.incident(page, since, metric));
      return (await table.batchGet(itemKeys, { consistent: true })).map((item) => parseItem(incidentSchema, item));
    },
    commitDay: ({ page, through, states, incidents, mails }: PageOutcome): Promise<boolean> => {
      const expression = 'attribute_not_exists(#through) OR #through < :through';
      const condition = { expression, values: { through } };
      return commit({ page, set: { through, ...states }, condition }, incidents, mails);
    },
    commitEarly: ({ page, early, incidents, mails }: EarlyOutcome): Promise<boolean> => {
      const expression = 'attribute_not_exists(#early) OR #early.#through < :through';
      const condition = { expression, values: { through: early.through } };
      return commit({ page, set: { early }, condition }, incidents, mails);
    },
    putSteady: (page: string, steady: SteadyHours): Promise<boolean> => {
      const expression = 'attribute_not_exists(#steady) OR #steady.#learned < :learned';
      return commit({ page, set: { steady }, condition: { expression, values: { learned: steady.learned } } }, [], []);
    },
  };
}

/** An open incident does not expire. */
function incidentItem(incident: Incident, incidentDays: number): Item {
  return toItem({
    ...alertKeys.incident(incident.page, incident.since, incident.metric),
    ...incident,
    ...(incident.recoveredAt !== null && incidentDays > 0 && expiring(incident.recoveredAt, incidentDays)),
  });
}

function createIncidents({ now }: AlertsOptions, table: Table) {
  return {
    incidents: async (page: string, since = ''): Promise<Incident[]> => {
      const items = await table.query({ pk: alertKeys.state(page).pk, prefix: 'incident#' });
      return items
        .filter((item) => isLive(item, now()))
        .map((item) => parseItem(incidentSchema, item))
        .filter(({ lastAlert, recovered }) => lastAlert >= since || (recovered ?? '') >= since)
        .toReversed();
    },
    incident: async (page: string, since: string, metric: string): Promise<Incident | undefined> => {
      const item = await table.get(alertKeys.incident(page, since, metric));
      return item && isLive(item, now()) ? parseItem(incidentSchema, item) : undefined;
    },
  };
}

const answerSchema = z.object({ answer: z.enum(['useful', 'not-useful']), at: z.number() });

function createAnswers({ now }: AlertsOptions, table: Table) {
  return {
    answer: async (
      page: string,
      incident: string,
      recipient: string,
      answer: Feedback,
      at: number,
    ): Promise<number> => {
      const key = alertKeys.feedback(page, incident, recipient);
      await table.put(toItem({ ...key, answer, at, ...expiring(at, keptDays.answers) }));
      const items = await table.query({ pk: alertKeys.state(page).pk, prefix: 'feedback#' });
      const live = items.filter((item) => isLive(item, now()));
      const answers = live.map((item) => parseItem(answerSchema, item)).toSorted((a, b) => a.at - b.at);
      const threshold = computeThreshold(answers.map((each) => each.answer));
      await table.update(alertKeys.state(page), { set: { threshold, page } });
      return threshold;
    },
  };
}

const acknowledgedSchema = z.object({ at: z.number() });

function createMarks({ now }: AlertsOptions, table: Table) {
  return {
    marks: async (page: string, recipient: string): Promise<ReadonlyMap<string, IncidentMark>> => {
      const { pk } = alertKeys.state(page);
      const [acknowledged, feedback] = await Promise.all(
        ['acknowledged#', 'feedback#'].map((prefix) => table.query({ pk, prefix })),
      );
      const marks = new Map<string, IncidentMark>();
      function mark(item: Item, prefix: string, suffix: string, change: IncidentMark): void {
        const incident = (item['sk']?.S ?? '').slice(prefix.length, -suffix.length || undefined);
        marks.set(incident, { ...marks.get(incident), ...change });
      }
      for (const item of acknowledged ?? [])
        if (isLive(item, now()))
          mark(item, 'acknowledged#', '', { acknowledgedAt: parseItem(acknowledgedSchema, item).at });
      for (const item of feedback ?? [])
        if (isLive(item, now()) && item['sk']?.S?.endsWith(`#${recipient}`))
          mark(item, 'feedback#', `#${recipient}`, { feedback: parseItem(answerSchema, item).answer });
      return marks;
    },
    acknowledge: async (page: string, incident: string, at: number | undefined): Promise<void> => {
      const key = alertKeys.acknowledged(page, incident);
      if (at === undefined) await table.delete(key);
      else await table.put(toItem({ ...key, at, ...expiring(at, keptDays.answers) }));
    },
  };
}
