import { alertsOf } from '#jobs/mailing/recipients.ts';
import { type Attempt, readPages, recordRun, runMilliseconds, skip } from '#jobs/alert-run.ts';
import { sendAndCount } from '#jobs/mailing/send-due-mails.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { queueAgencyMails } from './agency-mails.ts';
import { queueAgencyMonth } from './agency-month.ts';
import type { DigestDeps, DigestRun } from './deps.ts';
import { queuePageSummaries } from './page-summaries.ts';

/**
 * Sends the weekly and monthly summaries of pages, and one daily and one monthly mail per agency, all at 8:00 in their time
 * zones.
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
      await queueAll({ deps, recipients, settled: Math.min(settled, time), time, deadline, counts }, attempt);
    }
    await sendAndCount(deps.mailing, time, counts);
  });
}

/** Pages whose summaries are built at a time: about 100 weeks a second. */
const concurrency = 10;

async function queueAll(run: DigestRun, attempt: Attempt): Promise<void> {
  const { deps, counts, recipients, time } = run;
  const pages: Page[] = [];
  for await (const batch of readPages(deps.listPages, counts)) {
    pages.push(...batch.filter((page) => page.agency !== null && alertsOf(page).kinds.includes('agency')));
    await forEachConcurrently(batch, concurrency, (page) => attempt(page.path, () => queuePageSummaries(run, page)));
  }
  for (const [agency, ofAgency] of Map.groupBy(pages, ({ agency: name }) => name ?? '')) {
    await attempt(agency, () => queueAgencyMails(deps, recipients, { agency, pages: ofAgency }, time, counts));
    await attempt(agency, () => queueAgencyMonth(run, { agency, pages: ofAgency }));
  }
}
