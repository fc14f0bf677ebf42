import { datesOfWeek, summarizeWeek, weekToReport } from '#core/alerts/week.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import { type Recipients, alertsOf } from '#jobs/mailing/recipients.ts';
import { type Attempt, readPages, recordRun, type RunCounts, runMilliseconds, skip } from '#jobs/alert-run.ts';
import { sendAndCount } from '#jobs/mailing/send-due-mails.ts';
import { readTitles } from '#jobs/read-titles.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { queueAgencyMails } from './agency-mails.ts';
import type { DigestDeps } from './deps.ts';

/**
 * Sends the weekly summaries of pages and one daily mail per agency, both at 8:00 in their time zones.
 * @param time of the schedule, milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export function digest(deps: DigestDeps, time: number): Promise<RunRecord> {
  return recordRun({ job: 'digest', time, deps }, async (counts, attempt) => {
    const deadline = deps.now() + runMilliseconds;
    const settled = await deps.settledThrough();
    if (settled === undefined) skip(counts, 'nothing-settled');
    else {
      const recipients = deps.recipients();
      await queueAll({ deps, recipients, settled: Math.min(settled, time), time, deadline, counts, attempt });
    }
    await sendAndCount(deps.mailing, time, counts);
  });
}

/** Pages whose summaries are built at a time: about 100 a second. */
const concurrency = 10;

interface Run {
  deps: DigestDeps;
  recipients: Recipients;
  settled: number;
  time: number;
  /** After it no summary is begun; milliseconds since the epoch. */
  deadline: number;
  counts: RunCounts;
  attempt: Attempt;
}

async function queueAll(run: Run): Promise<void> {
  const { deps, counts, recipients, time, attempt } = run;
  const pages: Page[] = [];
  for await (const batch of readPages(deps.listPages, counts)) {
    pages.push(...batch.filter(({ agency }) => agency !== null));
    await forEachConcurrently(batch, concurrency, (page) => attempt(page.path, () => queueDigest(run, page)));
  }
  for (const [agency, ofAgency] of Map.groupBy(pages, ({ agency: name }) => name ?? ''))
    await attempt(agency, () => queueAgencyMails(deps, recipients, { agency, pages: ofAgency }, time, counts));
}

/** Queues a page's weekly summary, once, on the morning of the following Monday. */
async function queueDigest({ deps, recipients, settled, time, deadline, counts }: Run, page: Page): Promise<void> {
  const week = weekToReport(page.timeZone, time);
  if (week === undefined) return skip(counts, 'not-due');
  if (deps.now() >= deadline) return skip(counts, 'no-time-left');
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
