import { recipientId } from '#core/alerts/mail-token.ts';
import { mayLeaveAt } from '#core/alerts/quiet-hours.ts';
import { mailId } from '#core/alerts/mail-id.ts';
import { defaultAlerts, type MailContent, type OutgoingMail, type PageAlerts } from '#schemas/alerts.ts';
import type { Page, User } from '#schemas/catalog.ts';
import type { Confirmations } from '#stores/alerts/confirmations.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';

export interface RecipientsDeps {
  listUsers: (options?: ListOptions) => Promise<Listing<User>>;
  confirmations: Pick<Confirmations, 'read'>;
  secret: () => Promise<string>;
  /** False if the stack has no sender address: alerts are stored, but no mails are sent. */
  maySend: boolean;
}

type AgencyContent = Extract<MailContent, { kind: 'agency' }>;
type PageContent = Exclude<MailContent, { kind: 'agency' | 'confirmation' }>;

export interface Recipients {
  /**
   * Addresses a mail about a page to each of its recipients who has confirmed, or doesn't have to; it leaves after the page's
   * quiet hours.
   */
  mailsAboutPage: (page: Page, content: PageContent, time: number) => Promise<OutgoingMail[]>;
  /** Returns whether any user of the agency has an address. */
  hasReaders: (agency: string) => Promise<boolean>;
  /** Addresses a mail to each user of the agency. */
  mailsAboutAgency: (content: AgencyContent, time: number) => Promise<OutgoingMail[]>;
}

/** Decides who receives which mail. Users are read once, when the first mail needs them. */
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

  /** Users confirm their address when they sign in; an address that a user typed must be confirmed by its owner. */
  async function addressesFor(page: Page): Promise<readonly string[]> {
    const { recipients, mustConfirm } = alertsOf(page);
    if (recipients.length === 0)
      return addressesWhere(({ role, pages }) => role === 'creator' && pages.includes(page.path));
    if (mustConfirm.length === 0) return recipients;
    const secret = await deps.secret();
    const hashes = new Map(mustConfirm.map((address) => [address, recipientId(address, secret)]));
    const status = await deps.confirmations.read(page.path, [...hashes.values()]);
    return recipients.filter((address) => {
      const hash = hashes.get(address);
      return hash === undefined || status.get(hash)?.state === 'confirmed';
    });
  }

  async function mailsTo(
    addresses: readonly string[],
    content: MailContent,
    leavesAt: number,
  ): Promise<OutgoingMail[]> {
    if (!deps.maySend || addresses.length === 0) return [];
    const secret = await deps.secret();
    const byRecipient = new Map(addresses.map((address) => [recipientId(address, secret), address] as const));
    return [...byRecipient].map(([recipient, address]) => ({
      id: mailId(content, recipient),
      kind: content.kind,
      content,
      notBefore: new Date(leavesAt).toISOString(),
      address,
      recipient,
    }));
  }

  function readersOf(agency: string): Promise<string[]> {
    return addressesWhere((user) => user.role === 'agency' && user.agency === agency);
  }

  return {
    hasReaders: async (agency) => deps.maySend && (await readersOf(agency)).length > 0,
    mailsAboutPage: async (page, content, time) => {
      const isMuted = content.kind !== 'digest' && mutedAt(page, time);
      if (!deps.maySend || isMuted || !alertsOf(page).kinds.includes(content.kind)) return [];
      return mailsTo(await addressesFor(page), content, endOfQuietHours(page, time));
    },
    mailsAboutAgency: async (content, time) => mailsTo(await readersOf(content.agency), content, time),
  };
}

/** Returns the page's alert settings, or the defaults. */
export function alertsOf(page: Page): PageAlerts {
  return page.alerts ?? defaultAlerts;
}

/** Returns whether alerts and recoveries of a page are not mailed. */
export function mutedAt(page: Page, time: number): boolean {
  const { mutedUntil } = alertsOf(page);
  return mutedUntil !== null && time < Date.parse(mutedUntil);
}

function endOfQuietHours(page: Page, time: number): number {
  const quiet = alertsOf(page).quietHours;
  return mayLeaveAt(time, page.timeZone, quiet && { from: hourText(quiet.from), to: hourText(quiet.to) });
}

function hourText(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}
