import { isDigestHour } from '#core/summaries/periods.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import { hourLength } from '#core/time.ts';
import type { Recipients } from '#jobs/mailing/recipients.ts';
import { type RunCounts, skip } from '#jobs/alert-run.ts';
import { type Incident, longestAgencyGroup, type MailContent } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { OutgoingMails } from '#stores/alerts/outgoing-mails.ts';

/** Local hour at which the 24 hours that a daily mail reports end. */
const reportEndsAt = 8;

/** Incidents end after three weeks; an open one may have started this many days ago. */
const longestIncidentDays = 22;

/** Queues a mail for each user of an agency, once a day, if an incident started or ended. */
export async function queueAgencyMails(
  deps: { alerts: Pick<Alerts, 'incidents'>; mailing: { mails: Pick<OutgoingMails, 'queue'> } },
  recipients: Recipients,
  { agency, pages }: { agency: string; pages: readonly Page[] },
  time: number,
  counts: RunCounts,
): Promise<void> {
  const zone = commonZone(pages);
  if (!isDigestHour(zone, time)) return;
  const { date: today } = localTimeOf(zone, time);
  const end = startOfDate(today, zone) + reportEndsAt * hourLength;
  const window = { start: end - 24 * hourLength, end, date: addDays(today, -1) };
  if (!(await recipients.hasReaders(agency))) return skip(counts, 'agency-without-address');
  const incidents = await readIncidents(deps, pages, addDays(today, -longestIncidentDays));
  const content = buildContent(agency, pages, incidents, window);
  if (content === undefined) return skip(counts, 'agency-nothing-new');
  for (const mail of await recipients.mailsAboutAgency(content, time))
    if (!(await deps.mailing.mails.queue(mail))) skip(counts, 'already-queued');
}

/** Returns the zone of most pages; if several tie, the first by name. */
export function commonZone(pages: readonly Page[]): string {
  const counts = Map.groupBy(pages, ({ timeZone }) => timeZone);
  return (
    [...counts].toSorted(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1))[0]?.[0] ?? 'UTC'
  );
}

interface PageIncident {
  page: string;
  title: string;
  incident: Incident;
}

/** Pages whose incidents are read concurrently. */
const concurrency = 20;

async function readIncidents(
  { alerts }: { alerts: Pick<Alerts, 'incidents'> },
  pages: readonly Page[],
  since: string,
): Promise<PageIncident[]> {
  const found: PageIncident[] = [];
  for (let from = 0; from < pages.length; from += concurrency) {
    const some = pages.slice(from, from + concurrency);
    const incidents = await Promise.all(some.map(({ path }) => alerts.incidents(path, since)));
    some.forEach(({ path, title }, at) => {
      for (const incident of incidents[at] ?? []) found.push({ page: path, title, incident });
    });
  }
  return found;
}

/** Builds an agency's daily mail; undefined if no incident started or ended. */
function buildContent(
  agency: string,
  pages: readonly Page[],
  incidents: readonly PageIncident[],
  window: { start: number; end: number; date: string },
): Extract<MailContent, { kind: 'agency' }> | undefined {
  function within(at: number | null): boolean {
    return at !== null && at > window.start && at <= window.end;
  }
  const opened = incidents.filter(({ incident }) => within(incident.openedAt));
  const recovered = incidents.filter(
    ({ incident }) => incident.recovered !== null && within(incident.recoveredAt) && !within(incident.openedAt),
  );
  if (opened.length + recovered.length === 0) return undefined;
  const continuing = incidents.filter(
    ({ incident }) => incident.openedAt <= window.start && (incident.recoveredAt ?? window.end + 1) > window.end,
  );
  return {
    kind: 'agency',
    agency,
    date: window.date,
    pages: pages.length,
    opened: shortened(opened),
    continuing: shortened(continuing),
    recovered: shortened(recovered),
    counts: { opened: opened.length, continuing: continuing.length, recovered: recovered.length },
  };
}

/** Keeps what the mail shows. With the causes and destinations of a thousand incidents it would not fit into an item. */
function shortened(incidents: readonly PageIncident[]): PageIncident[] {
  return incidents
    .slice(0, longestAgencyGroup)
    .map(({ incident, ...page }) => ({ ...page, incident: { ...incident, cause: null, broken: [] } }));
}
