import { datesOfWeek, summarizeWeek, weekToReport } from '#core/alerts/week.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import { type Recipients, alertsOf } from '#jobs/mailing/recipients.ts';
import { readPages, recordRun, type RunCounts, skip } from '#jobs/alert-run.ts';
import { sendAndCount } from '#jobs/mailing/send-due-mails.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import { queueAgencyMails } from './agency-mails.ts';
import type { DigestDeps } from './deps.ts';

/**
 * Sends the weekly summaries of pages and one daily mail per agency, both at 8:00 in their time zones.
 * @param time of the schedule, milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export function digest(deps: DigestDeps, time: number): Promise<RunRecord> {
  return recordRun({ job: 'digest', time, deps }, async (counts) => {
    const settled = await deps.settledThrough();
    if (settled === undefined) skip(counts, 'nothing-settled');
    else await queueAll({ deps, recipients: deps.recipients(), settled: Math.min(settled, time), time, counts });
    await sendAndCount(deps.mailing, time, counts);
  });
}

interface Run {
  deps: DigestDeps;
  recipients: Recipients;
  settled: number;
  time: number;
  counts: RunCounts;
}

async function queueAll(run: Run): Promise<void> {
  const { deps, counts, recipients, time } = run;
  const pages: Page[] = [];
  for await (const batch of readPages(deps.listPages, counts)) {
    pages.push(...batch.filter(({ agency }) => agency !== null));
    for (const page of batch) await queueDigest(run, page);
  }
  const byAgency = Map.groupBy(pages, ({ agency }) => agency ?? '');
  await queueAgencyMails(deps, recipients, byAgency, time, counts);
}

/** Queues a page's weekly summary, once, on the morning of the following Monday. */
async function queueDigest({ deps, recipients, settled, time, counts }: Run, page: Page): Promise<void> {
  const week = weekToReport(page.timeZone, time);
  if (week === undefined) return skip(counts, 'not-due');
  if (!alertsOf(page).kinds.includes('digest')) return skip(counts, 'digest-off');
  if (settled < startOfDate(addDays(week.to, 1), page.timeZone)) return skip(counts, 'unsettled');
  const dates = [...datesOfWeek(addDays(week.from, -7)), ...datesOfWeek(week.from)];
  const days = await deps.history.settled(entityKeys.page(page.path), dates);
  const createdOn = localTimeOf(page.timeZone, Date.parse(page.createdAt)).date;
  const facts = { from: week.from, days, createdOn };
  const untitled = summarizeWeek({ ...facts, titleOf: () => '' });
  if (untitled === undefined) return skip(counts, 'nothing-to-report');
  const titles = await readTitles(
    deps,
    page.path,
    untitled.links.map(({ code }) => code),
  );
  const links = untitled.links.map((link) => ({ ...link, title: titles.get(link.code) ?? '' }));
  const pace = (await deps.alerts.forecast(page.path))?.pace ?? null;
  counts.evaluated += 1;
  const content = { kind: 'digest', page: page.path, title: page.title, ...untitled, links, pace } as const;
  for (const mail of await recipients.mailsAboutPage(page, content, time))
    if (!(await deps.mailing.mails.queue(mail))) skip(counts, 'already-queued');
}

/** Reads titles by code. A code that meanwhile belongs to another page has none. */
async function readTitles(
  { getLink }: DigestDeps,
  page: string,
  codes: readonly string[],
): Promise<Map<string, string>> {
  const links = await Promise.all(codes.map((code) => getLink(code)));
  return new Map(links.flatMap((link) => (link?.page === page ? [[link.code, link.title ?? ''] as const] : [])));
}
