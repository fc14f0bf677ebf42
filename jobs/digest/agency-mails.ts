import { isDigestHour } from '#core/alerts/week.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import type { Recipients } from '#jobs/mailing/recipients.ts';
import { type RunCounts, skip } from '#jobs/run-record.ts';
import type { Incident, MailContent } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import type { DigestDeps } from './deps.ts';

/** What a daily mail tells of: runs between eight o'clock and eight o'clock. */
const mailHours = 8;
const hourLength = 3_600_000;

/** Queues one mail for each reader of an agency, once a day, when there is something to tell. */
export async function queueAgencyMails(
  deps: Pick<DigestDeps, 'alerts' | 'mailing'>,
  recipients: Recipients,
  byAgency: ReadonlyMap<string, readonly Page[]>,
  time: number,
  counts: RunCounts,
): Promise<void> {
  for (const [agency, pages] of byAgency) {
    const zone = zoneOf(pages);
    if (!isDigestHour(zone, time)) continue;
    const { date: today } = localTimeOf(zone, time);
    const end = startOfDate(today, zone) + mailHours * hourLength;
    const window = { start: end - 24 * hourLength, end, date: addDays(today, -1) };
    // Nobody reads it: then nothing is read for it either.
    if (!(await recipients.hasReaders(agency))) {
      skip(counts, 'agency-without-address');
      continue;
    }
    // An open story may be three weeks old; none that ended earlier is looked at.
    const content = contentOf(agency, pages, await storiesOf(deps, pages, addDays(today, -22)), window);
    if (content === undefined) skip(counts, 'agency-nothing-new');
    else
      for (const mail of await recipients.ofAgency(agency, `agency\n${agency}\n${today}`, content, time))
        if (!(await deps.mailing.mails.queue(mail))) skip(counts, 'queued-before');
  }
}

/** The zone of most of its pages; of several, the first by name. */
function zoneOf(pages: readonly Page[]): string {
  const counts = Map.groupBy(pages, ({ timeZone }) => timeZone);
  return (
    [...counts].toSorted(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1))[0]?.[0] ?? 'UTC'
  );
}

interface Story {
  page: string;
  title: string;
  incident: Incident;
}

/** A day of all pages of an agency; undefined when nothing began and nothing ended. */
function contentOf(
  agency: string,
  pages: readonly Page[],
  stories: readonly Story[],
  window: { start: number; end: number; date: string },
): MailContent | undefined {
  function within(at: number | null): boolean {
    return at !== null && at > window.start && at <= window.end;
  }
  const opened = stories.filter(({ incident }) => within(incident.openedAt));
  const recovered = stories.filter(
    ({ incident }) => incident.recovered !== null && within(incident.recoveredAt) && !within(incident.openedAt),
  );
  if (opened.length + recovered.length === 0) return undefined;
  const continuing = stories.filter(
    ({ incident }) => incident.openedAt <= window.start && (incident.recoveredAt ?? window.end + 1) > window.end,
  );
  return { kind: 'agency', agency, date: window.date, pages: pages.length, opened, continuing, recovered };
}

/** Pages whose incidents are read at once. */
const atOnce = 20;

async function storiesOf(
  { alerts }: Pick<DigestDeps, 'alerts'>,
  pages: readonly Page[],
  since: string,
): Promise<Story[]> {
  const stories: Story[] = [];
  for (let from = 0; from < pages.length; from += atOnce) {
    const some = pages.slice(from, from + atOnce);
    const incidents = await Promise.all(some.map(({ path }) => alerts.incidents(path, since)));
    some.forEach(({ path, title }, at) => {
      for (const incident of incidents[at] ?? []) stories.push({ page: path, title, incident });
    });
  }
  return stories;
}
