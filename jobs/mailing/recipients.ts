import { createHash } from 'node:crypto';
import { recipientId } from '#core/alerts/mail-token.ts';
import { mayLeaveAt } from '#core/alerts/quiet-hours.ts';
import { defaultAlerts, type MailContent, type MailKind, type OutgoingMail, type PageAlerts } from '#schemas/alerts.ts';
import type { Page, User } from '#schemas/catalog.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';

export interface RecipientsDeps {
  listUsers: (options?: ListOptions) => Promise<Listing<User>>;
  secret: () => Promise<string>;
  /** False where the stack has no sender address: alerts are kept, and nobody is written to. */
  maySend: boolean;
}

/** Who is written to about what. Users are read once, when the first mail needs them. */
export interface Recipients {
  /** Mails about a page, one per recipient, that leave when its quiet hours are over. */
  ofPage: (page: Page, kind: MailKind, story: string, content: MailContent, time: number) => Promise<OutgoingMail[]>;
  /** Whether anybody of this agency has an address. */
  hasReaders: (agency: string) => Promise<boolean>;
  ofAgency: (agency: string, story: string, content: MailContent, time: number) => Promise<OutgoingMail[]>;
}

export function createRecipients(deps: RecipientsDeps): Recipients {
  let users: Promise<User[]> | undefined;
  async function readUsers(): Promise<User[]> {
    const found: User[] = [];
    let after: string | undefined;
    do {
      const { rows, next } = await deps.listUsers({ after });
      found.push(...rows);
      after = next;
    } while (after !== undefined);
    return found;
  }
  async function addressesWhere(belongs: (user: User) => boolean): Promise<string[]> {
    users ??= readUsers();
    return (await users).filter(belongs).flatMap(({ email }) => email ?? []);
  }

  async function mailsTo(
    addresses: readonly string[],
    mail: Pick<OutgoingMail, 'kind' | 'content' | 'notBefore'>,
    story: string,
  ): Promise<OutgoingMail[]> {
    if (!deps.maySend) return [];
    const secret = await deps.secret();
    const byRecipient = new Map(addresses.map((address) => [recipientId(address, secret), address] as const));
    return [...byRecipient].map(([recipient, address]) => ({
      ...mail,
      id: mailId(story, recipient),
      address,
      recipient,
    }));
  }

  function readersOf(agency: string): Promise<string[]> {
    return addressesWhere((user) => user.role === 'agency' && user.agency === agency);
  }

  return {
    hasReaders: async (agency) => deps.maySend && (await readersOf(agency)).length > 0,
    ofPage: async (page, kind, story, content, time) => {
      const { recipients, kinds } = alertsOf(page);
      if (!kinds.includes(kind)) return [];
      const addresses =
        recipients.length > 0
          ? recipients
          : await addressesWhere(({ role, pages }) => role === 'creator' && pages.includes(page.path));
      return mailsTo(addresses, { kind, content, notBefore: new Date(leavesAt(page, time)).toISOString() }, story);
    },
    ofAgency: async (agency, story, content, time) =>
      mailsTo(await readersOf(agency), { kind: 'agency', content, notBefore: new Date(time).toISOString() }, story),
  };
}

/** Same story, same recipient, same mail: however often a job runs. */
function mailId(story: string, recipient: string): string {
  return createHash('sha256').update(`${story}\n${recipient}`).digest('hex').slice(0, 32);
}

export function alertsOf(page: Page): PageAlerts {
  return page.alerts ?? defaultAlerts;
}

function leavesAt(page: Page, time: number): number {
  const quiet = alertsOf(page).quietHours;
  return mayLeaveAt(time, page.timeZone, quiet && { from: hourText(quiet.from), to: hourText(quiet.to) });
}

function hourText(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}
