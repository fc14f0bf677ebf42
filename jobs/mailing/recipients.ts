import { recipientId } from '#core/alerts/mail-token.ts';
import { mayLeaveAt } from '#core/alerts/quiet-hours.ts';
import { mailId } from '#core/alerts/mail-id.ts';
import {
  type AgencyContent,
  defaultAlerts,
  type MailContent,
  type MailKind,
  type OutgoingMail,
  type OutgoingMessage,
  type OutgoingNotification,
  type PageAlerts,
  summaryKinds,
} from '#schemas/alerts.ts';
import type { Page, User } from '#schemas/catalog.ts';
import { agencyOwner, type Channel } from '#schemas/channels.ts';
import type { Confirmations } from '#stores/alerts/confirmations.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';

export interface RecipientsDeps {
  listUsers: (options?: ListOptions) => Promise<Listing<User>>;
  confirmations: Pick<Confirmations, 'read'>;
  secret: () => Promise<string>;
  /** Channels of a page or an agency. */
  listChannels: (owner: string) => Promise<Channel[]>;
  /** False if the stack has no sender address: alerts are stored, but no mails are sent. */
  maySend: boolean;
}

type PageContent = Exclude<MailContent, AgencyContent | { kind: 'confirmation' }>;

export interface Recipients {
  /**
   * Addresses a mail about a page to each of its recipients who has confirmed, or doesn't have to, and an alert or a recovery
   * to each channel of the page and its agency. They leave after the page's quiet hours.
   */
  notifyAboutPage: (page: Page, content: PageContent, time: number) => Promise<OutgoingNotification[]>;
  /** Returns whether any user of the agency has an address. */
  hasReaders: (agency: string) => Promise<boolean>;
  /** Addresses a mail to each user of the agency. */
  mailsAboutAgency: (content: AgencyContent, time: number) => Promise<OutgoingMail[]>;
}

/** Decides who receives what. Users, and the channels of an agency, are read once, when the first mail needs them. */
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

  const channelsOfAgencies = new Map<string, Promise<Channel[]>>();
  async function channelsFor({ path, agency }: Page): Promise<Channel[]> {
    const own = await deps.listChannels(path);
    if (agency === null) return own;
    const read = channelsOfAgencies.get(agency) ?? deps.listChannels(agencyOwner(agency));
    channelsOfAgencies.set(agency, read);
    return [...own, ...(await read)];
  }

  async function messagesTo(page: Page, content: MailContent, leavesAt: number): Promise<OutgoingMessage[]> {
    return (await channelsFor(page)).map(({ owner, id }) => ({
      id: mailId(content, `channel ${owner} ${id}`),
      kind: content.kind,
      content,
      notBefore: new Date(leavesAt).toISOString(),
      channel: { owner, id },
      attempts: 0,
      firstAttempt: null,
    }));
  }

  function readersOf(agency: string): Promise<string[]> {
    return addressesWhere((user) => user.role === 'agency' && user.agency === agency);
  }

  return {
    hasReaders: async (agency) => deps.maySend && (await readersOf(agency)).length > 0,
    notifyAboutPage: async (page, content, time) => {
      const isNews = !summaryKinds.includes(content.kind);
      if (isNews && mutedAt(page, time)) return [];
      const leavesAt = endOfQuietHours(page, time);
      const isMailed = deps.maySend && alertsOf(page).kinds.includes(settingOf(content.kind));
      const mails = isMailed ? await mailsTo(await addressesFor(page), content, leavesAt) : [];
      return isNews ? [...mails, ...(await messagesTo(page, content, leavesAt))] : mails;
    },
    mailsAboutAgency: async (content, time) => mailsTo(await readersOf(content.agency), content, time),
  };
}

/** Alerts and recoveries of metrics are mailed as those of traffic are. */
function settingOf(kind: PageContent['kind']): MailKind {
  if (kind === 'metric-alert') return 'alert';
  return kind === 'metric-recovery' ? 'recovery' : kind;
}

/** Returns the page's alert settings, or the defaults. */
export function alertsOf(page: Page): PageAlerts {
  return page.alerts ?? defaultAlerts;
}

/** Returns whether alerts and recoveries of a page are not sent. */
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
