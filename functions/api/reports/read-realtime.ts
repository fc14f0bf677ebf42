import { localTimeOf } from '#core/enrich/local-time.ts';
import { describeRule } from '#core/ledger/meanings.ts';
import { startOfHour } from '#core/ledger/time-range.ts';
import type { Realtime } from '#schemas/api/realtime.ts';
import type { RecentEvents } from '#schemas/api/recent-events.ts';
import type { RecentEventsStore } from '#stores/cache/recent-events.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { ReportSubject } from './subject.ts';

const minute = 60_000;
const minutesShown = 30;

/** Reads the last 30 minutes of a page, oldest first. The last one is still running. @throws {StoreUnavailable} */
export async function readRealtime(
  stats: Pick<StatsStore, 'freshnessSeconds' | 'minutes'>,
  { entity, zone }: ReportSubject,
  now: number,
): Promise<Realtime> {
  const last = Math.floor(now / minute) * minute;
  const starts = Array.from({ length: minutesShown }, (_, at) => last - (minutesShown - 1 - at) * minute);
  const hours = [...new Set(starts.map((start) => localTimeOf(zone, start).hour))];
  const items = new Map(
    (await stats.minutes(hours.map((hour) => ({ entity, hour })))).map((item) => [item.hour, item]),
  );
  const minutes = starts.map((start) => {
    const { hour } = localTimeOf(zone, start);
    const index = Math.floor((start - startOfHour(hour)) / minute);
    const item = items.get(hour);
    return {
      start: new Date(start).toISOString(),
      views: item?.views.get(index) ?? 0,
      clicks: item?.clicks.get(index) ?? 0,
    };
  });
  const { freshnessSeconds } = stats;
  return { minutes, asOf: new Date(now).toISOString(), freshnessSeconds, errors: [] };
}

/** Reads the last events of a page, newest first, and asks enrich for those to come. @throws {StoreUnavailable} */
export async function readRecentEvents(
  store: Pick<RecentEventsStore, 'watch' | 'read'>,
  page: string,
  now: number,
): Promise<RecentEvents> {
  await store.watch(page);
  const stored = await store.read(page);
  const events = stored.map(({ id, occurredAt, receivedAt, ...facts }, index) => ({
    ...facts,
    occurredAt: new Date(occurredAt).toISOString(),
    receivedAt: new Date(receivedAt).toISOString(),
    meaning: describeRule(facts.outcome, facts.rule),
    repeated: stored.slice(index + 1).some((earlier) => earlier.id === id),
  }));
  return { events, asOf: new Date(now).toISOString() };
}
