import { datesOfWeek, summarizeWeek, weekToReport } from '#core/alerts/week.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import { type Recipients, alertsOf } from '#jobs/mailing/recipients.ts';
import { newCounts, type RunCounts, runRecord, skip } from '#jobs/run-record.ts';
import { sendDueMails } from '#jobs/mailing/send-due-mails.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import { entityKeys } from '#schemas/counters.ts';
import { queueAgencyMails } from './agency-mails.ts';
import type { DigestDeps } from './deps.ts';

/**
 * Weekly mails of pages, and one daily mail for each agency, at eight o'clock of their own zones.
 * @param time the schedule's, milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export async function digest(deps: DigestDeps, time: number): Promise<RunRecord> {
  const started = deps.now();
  const counts = newCounts();
  const settled = await deps.settledThrough();
  if (settled === undefined) skip(counts, 'nothing-settled');
  else await queueAll({ deps, recipients: deps.recipients(), settled: Math.min(settled, time), time, counts });
  const { sent = 0, ...kept } = await sendDueMails(deps.mailing, time);
  counts.mails = sent;
  for (const [reason, times] of Object.entries(kept)) skip(counts, `mail: ${reason}`, times);
  const record = runRecord('digest', time, counts, started, deps.now());
  await deps.alerts.putRun(record);
  return record;
}

interface Run {
  deps: DigestDeps;
  recipients: Recipients;
  settled: number;
  time: number;
  counts: RunCounts;
}

const pagesAtOnce = 100;

async function queueAll(run: Run): Promise<void> {
  const { deps, counts, recipients, time } = run;
  const byAgency = new Map<string, Page[]>();
  let after: string | undefined;
  do {
    const { rows, next } = await deps.listPages({ limit: pagesAtOnce, after });
    for (const page of rows) {
      if (page.path === `/${canaryCode}`) continue;
      counts.pages += 1;
      if (page.agency !== null) gather(byAgency, page.agency, page);
      await queueDigest(run, page);
    }
    after = next;
  } while (after !== undefined);
  await queueAgencyMails(deps, recipients, byAgency, time, counts);
}

function gather(groups: Map<string, Page[]>, key: string, page: Page): void {
  const known = groups.get(key);
  if (known) known.push(page);
  else groups.set(key, [page]);
}

/** Queues the mail of a page's week, once, in the morning of the Monday after it. */
async function queueDigest({ deps, recipients, settled, time, counts }: Run, page: Page): Promise<void> {
  const week = weekToReport(page.timeZone, time);
  if (week === undefined) return skip(counts, 'not-its-hour');
  if (!alertsOf(page).kinds.includes('digest')) return skip(counts, 'no-digest-wanted');
  if (settled < startOfDate(addDays(week.to, 1), page.timeZone)) return skip(counts, 'unsettled');
  const dates = [...datesOfWeek(addDays(week.from, -7)), ...datesOfWeek(week.from)];
  const days = await deps.history.settled(entityKeys.page(page.path), dates);
  const createdOn = localTimeOf(page.timeZone, Date.parse(page.createdAt)).date;
  const facts = { from: week.from, days, createdOn };
  const untitled = summarizeWeek({ ...facts, titleOf: () => '' });
  if (untitled === undefined) return skip(counts, 'nothing-to-tell');
  const titles = await titlesOf(
    deps,
    untitled.links.map(({ code }) => code),
  );
  const links = untitled.links.map((link) => ({ ...link, title: titles.get(link.code) ?? '' }));
  const pace = (await deps.alerts.forecast(page.path))?.pace ?? null;
  counts.evaluated += 1;
  const content = { kind: 'digest', page: page.path, title: page.title, ...untitled, links, pace } as const;
  const story = `digest\n${page.path}\n${week.from}`;
  for (const mail of await recipients.ofPage(page, 'digest', story, content, time))
    if (!(await deps.mailing.mails.queue(mail))) skip(counts, 'queued-before');
}

async function titlesOf({ getLink }: DigestDeps, codes: readonly string[]): Promise<Map<string, string>> {
  const links = await Promise.all(codes.map((code) => getLink(code)));
  return new Map(codes.map((code, at) => [code, links[at]?.title ?? ''] as const));
}
