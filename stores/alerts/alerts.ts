import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type TransactWriteItem,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { AlertState } from '#core/detect/alert-state.ts';
import { type Feedback, computeThreshold } from '#core/detect/feedback.ts';
import { alertKeys } from './alert-keys.ts';
import {
  type EarlySignal,
  type Incident,
  incidentSchema,
  type OutgoingMail,
  type PageForecast,
  pageForecastSchema,
  type PageState,
  pageStateSchema,
  type RunRecord,
} from '#schemas/alerts.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import {
  type CatalogTable,
  createCatalogTable,
  expiring,
  isLive,
  type Item,
  keyOf,
  parseItem,
  toItem,
} from '../dynamodb/catalog-table.ts';
import { StoreUnavailable } from '../errors.ts';
import { mailItem } from './outgoing-mails.ts';
import { z } from 'zod';

/** Everything that one look at a page changes: all of it is written, or nothing. */
export interface PageOutcome {
  page: string;
  /** Local date up to which the page is looked at from now on. */
  through: string;
  states: { traffic: AlertState; 'click-through': AlertState };
  incidents: readonly Incident[];
  mails: readonly OutgoingMail[];
}

export interface EarlyOutcome {
  page: string;
  /** Written where no run has looked further. */
  early: EarlySignal;
  incidents: readonly Incident[];
  mails: readonly OutgoingMail[];
}

/** Where an incident is kept. */
export type IncidentPlace = Pick<Incident, 'page' | 'since' | 'metric'>;

export interface Alerts {
  /** States by page; a page never looked at has none. */
  states: (pages: readonly string[]) => Promise<Map<string, PageState>>;
  /** False when another run was faster: then it has also queued the mails. */
  commitDay: (outcome: PageOutcome) => Promise<boolean>;
  commitEarly: (outcome: EarlyOutcome) => Promise<boolean>;
  /** Newest first; with `since` those that were opened or went on from this local date on. */
  incidents: (page: string, since?: string) => Promise<Incident[]>;
  incident: (page: string, since: string, metric: string) => Promise<Incident | undefined>;
  /** Of many pages in one batched read, in any order; one that is not there is missing. */
  incidentsAt: (places: readonly IncidentPlace[]) => Promise<Incident[]>;
  /** One answer per recipient and incident; the last one counts. Gives the page's new threshold. */
  answer: (page: string, incident: string, recipient: string, answer: Feedback, at: number) => Promise<number>;
  forecast: (page: string) => Promise<PageForecast | undefined>;
  putForecast: (forecast: PageForecast) => Promise<void>;
  putRun: (run: RunRecord) => Promise<void>;
}

export interface AlertsOptions {
  client: DynamoDBClient;
  table: string;
  now: () => number;
  /** Days that an incident is kept after its end; 0 for ever. @default 0 */
  incidentDays?: number;
}

/**
 * Alert states, incidents, answers, forecasts and run records, in the catalog table. Every function may throw
 * {@link StoreUnavailable}; reads throw {@link DamagedItem} too.
 */
export function createAlerts(options: AlertsOptions): Alerts {
  const table = createCatalogTable(options);
  return {
    ...createStates(options),
    ...createIncidents(options, table),
    ...createAnswers(options, table),
    forecast: async (page) => {
      const item = await table.get(alertKeys.forecast(page));
      return item && parseItem(pageForecastSchema, item);
    },
    putForecast: (forecast) => table.put(toItem({ ...alertKeys.forecast(forecast.page), ...forecast })),
    // Of a run by hand for a time long ago: after the run, not after that time.
    putRun: (run) =>
      table.put(toItem({ ...alertKeys.run(run.job, run.time), ...run, ...expiring(options.now(), keptDays.runs) })),
  };
}

interface StateUpdate {
  page: string;
  set: Record<string, unknown>;
  condition: string;
  names: Record<string, string>;
  values: Record<string, unknown>;
}

function createStates({ client, table, incidentDays = 0 }: AlertsOptions) {
  const { getMany } = createCatalogTable({ client, table });

  /** One update alone, or with what else must happen in one transaction. */
  async function commit(update: StateUpdate, puts: readonly Item[]): Promise<boolean> {
    const state = stateUpdate(table, update);
    const items: TransactWriteItem[] = [
      { Update: state },
      ...puts.map((Item) => ({ Put: { TableName: table, Item } })),
    ];
    try {
      if (puts.length === 0) await client.send(new UpdateItemCommand(state));
      else await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return true;
    } catch (cause) {
      if (isOvertaken(cause)) return false;
      throw new StoreUnavailable(`${table} did not take the alert state of ${update.page}`, { cause });
    }
  }

  return {
    states: async (pages: readonly string[]): Promise<Map<string, PageState>> => {
      const states = (await getMany(pages.map(alertKeys.state), true)).map((item) => parseItem(pageStateSchema, item));
      return new Map(states.map((state) => [state.page, state]));
    },
    incidentsAt: async (places: readonly IncidentPlace[]): Promise<Incident[]> => {
      const keys = places.map(({ page, since, metric }) => alertKeys.incident(page, since, metric));
      return (await getMany(keys, true)).map((item) => parseItem(incidentSchema, item));
    },
    commitDay: ({ page, through, states, incidents, mails }: PageOutcome): Promise<boolean> =>
      commit(
        {
          page,
          set: { through, ...states },
          condition: 'attribute_not_exists(#through) OR #through < :through',
          names: { '#through': 'through' },
          values: { ':through': through },
        },
        [...incidents.map((each) => incidentItem(each, incidentDays)), ...mails.map(mailItem)],
      ),
    commitEarly: ({ page, early, incidents, mails }: EarlyOutcome): Promise<boolean> =>
      commit(
        {
          page,
          set: { early },
          condition: 'attribute_not_exists(#early) OR #early.#through < :through',
          names: { '#early': 'early', '#through': 'through' },
          values: { ':through': early.through },
        },
        [...incidents.map((each) => incidentItem(each, incidentDays)), ...mails.map(mailItem)],
      ),
  };
}

function stateUpdate(table: string, { page, set, condition, names, values }: StateUpdate) {
  const entries = Object.entries({ page, ...set });
  return {
    TableName: table,
    Key: keyOf(alertKeys.state(page)),
    UpdateExpression: `SET ${entries.map((_, at) => `#s${at} = :s${at}`).join(', ')}`,
    ConditionExpression: condition,
    ExpressionAttributeNames: { ...names, ...Object.fromEntries(entries.map(([name], at) => [`#s${at}`, name])) },
    ExpressionAttributeValues: marshall(
      { ...values, ...Object.fromEntries(entries.map(([, value], at) => [`:s${at}`, value])) },
      { removeUndefinedValues: true },
    ),
  };
}

function isOvertaken(error: unknown): boolean {
  return (
    error instanceof ConditionalCheckFailedException ||
    (error instanceof TransactionCanceledException &&
      (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ConditionalCheckFailed'))
  );
}

/** An incident that goes on does not expire. */
function incidentItem(incident: Incident, incidentDays: number): Item {
  return toItem({
    ...alertKeys.incident(incident.page, incident.since, incident.metric),
    ...incident,
    ...(incident.recoveredAt !== null && incidentDays > 0 && expiring(incident.recoveredAt, incidentDays)),
  });
}

function createIncidents({ now }: AlertsOptions, table: CatalogTable) {
  return {
    incidents: async (page: string, since = ''): Promise<Incident[]> => {
      const items = await table.listPartition({ ...alertKeys.state(page), sk: 'incident#' });
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

function createAnswers({ client, table: name, now }: AlertsOptions, table: CatalogTable) {
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
      const items = await table.listPartition({ ...alertKeys.state(page), sk: 'feedback#' });
      const live = items.filter((item) => isLive(item, now()));
      const answers = live.map((item) => parseItem(answerSchema, item)).toSorted((a, b) => a.at - b.at);
      const threshold = computeThreshold(answers.map((each) => each.answer));
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: name,
            Key: keyOf(alertKeys.state(page)),
            UpdateExpression: 'SET #threshold = :threshold, #page = :page',
            ExpressionAttributeNames: { '#threshold': 'threshold', '#page': 'page' },
            ExpressionAttributeValues: marshall({ ':threshold': threshold, ':page': page }),
          }),
        );
      } catch (cause) {
        throw new StoreUnavailable(`${name} did not take the threshold of ${page}`, { cause });
      }
      return threshold;
    },
  };
}
