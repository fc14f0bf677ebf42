import { type Heartbeat, silentDates, wasDown } from '#core/alerts/heartbeat.ts';
import { type LocalDay, localDays } from '#core/alerts/local-days.ts';
import { type PageHistory, pageHistory } from '#core/alerts/page-history.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { dayLength, hourLength } from '#core/time.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import type { RunCounts } from '#jobs/alert-run.ts';
import type { Page } from '#schemas/catalog.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import { entityHourKey, entityKeys } from '#schemas/counters.ts';
import type { History } from '#stores/alerts/detection-history.ts';

export interface Histories {
  /** Returns a page's history, from its first day to `last`. */
  of: (page: Page) => PageHistory;
  /** Returns whether the stack was down during part of the page's local date. */
  wasDown: (page: Page, date: string) => boolean;
}

/** Reads the pages' histories for local dates `first` to `last` with one query, and adds its cost to the counts. */
export async function readHistories(
  history: History,
  pages: readonly Page[],
  first: string,
  last: string,
  counts: Pick<RunCounts, 'queries' | 'dollars'>,
): Promise<Histories> {
  const { days: counted, cost } = await history.daily(
    pages.map(({ path, timeZone }) => ({ path, zone: timeZone })),
    first,
    last,
  );
  counts.queries += cost.queries;
  counts.dollars += cost.dollars;
  const heartbeat = await readHeartbeat(history, first, last);
  const dates = new Set([...counted.values()].flat().map(({ date }) => date));
  const zones = new Map<string, { days: LocalDay[]; silent: Set<string> }>();
  function daysOf(zone: string) {
    const known = zones.get(zone);
    if (known) return known;
    const days = localDays(zone, first, last);
    const made = { days, silent: silentDates(days, heartbeat.stack, dates) };
    zones.set(zone, made);
    return made;
  }
  return {
    of: (page) =>
      pageHistory({
        counted: counted.get(page.path) ?? [],
        ...daysOf(page.timeZone),
        createdOn: localTimeOf(page.timeZone, Date.parse(page.createdAt)).date,
        badDays: alertsOf(page).badDays,
      }),
    wasDown: (page, date) => {
      const day = daysOf(page.timeZone).days.find((each) => each.date === date);
      return day !== undefined && wasDown(day, heartbeat);
    },
  };
}

/** Older hours are hardly kept (`hotDays`); a date that they would tell of is a gap if no page was counted. */
const heartbeatDays = 105;

const canaryEntity = entityKeys.page(`/${canaryCode}`);

export async function readHeartbeat(history: Pick<History, 'hours'>, first: string, last: string): Promise<Heartbeat> {
  const hours: number[] = [];
  const end = Date.parse(addDays(last, 2));
  const start = Math.max(Date.parse(addDays(first, -1)), end - heartbeatDays * dayLength);
  for (let at = start; at < end; at += hourLength) hours.push(at);
  const found = await history.hours(
    [entityKeys.stack, canaryEntity].flatMap((entity) => hours.map((at) => ({ entity, hour: hourAt(at) }))),
  );
  function alive(entity: string) {
    return new Set(hours.filter((at) => found.has(entityHourKey({ entity, hour: hourAt(at) }))));
  }
  return { stack: alive(entityKeys.stack), canary: alive(canaryEntity) };
}

function hourAt(at: number): string {
  return `${new Date(at).toISOString().slice(0, 13)}+00:00`;
}
