import { expect, it } from 'vitest';
import { plainPage } from '#core/links/link.fixture.ts';
import { agencyView } from '#core/mails/agency-view.ts';
import { newCounts } from '#jobs/alert-run.ts';
import { mailContentSchema } from '#schemas/alerts.ts';
import { dropMail } from '#test/alerts/mail-contents.ts';
import { queueAgencyMails } from './agency-mails.ts';

const time = Date.parse('2026-11-22T08:25:00Z');

it('tells an agency how many of a thousand pages changed, in a mail that fits into an item', async () => {
  const { incident } = mailContentSchema.options[0].parse(dropMail('Ada'));
  const broken = { code: 'l', url: `https://example.org/${'x'.repeat(2000)}`, problem: 'returns HTTP 404' };
  const opened = { ...incident, openedAt: time - 3_600_000, broken: Array.from({ length: 20 }, () => broken) };
  const pages = Array.from({ length: 1000 }, (_, at) => ({ ...plainPage, path: `/p${at}`, timeZone: 'UTC' }));
  const contents: unknown[] = [];
  const recipients = {
    hasReaders: async () => true,
    notifyAboutPage: async () => [],
    mailsAboutAgency: async (content: unknown) => {
      contents.push(content);
      return [];
    },
  };
  const alerts = { incidents: async () => [opened] };
  const deps = { alerts, mailing: { mails: { queue: async () => true } } };
  await queueAgencyMails(deps, recipients, { agency: 'north', pages }, time, newCounts());
  expect(JSON.stringify(contents[0]).length).toBeLessThan(50_000);
  const view = agencyView(mailContentSchema.options[4].parse(contents[0]));
  expect(view.subject).toBe('north: 1,000 pages changed, 0 pages back to normal');
  expect(view.groups.map(({ name }) => name)).toEqual(['New (40 of 1000)']);
});
