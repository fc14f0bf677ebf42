import { z } from 'zod';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { invitationDays, keptDays, roles, type User, userSchema } from '#schemas/catalog.ts';
import {
  type CatalogTableOptions,
  createCatalogTable,
  expiring,
  isLive,
  type Item,
  parseItem,
  toItem,
} from '../dynamodb/catalog-table.ts';
import { AlreadyExists } from '../errors.ts';

const invitationSchema = z.object({
  /** In lower case. */
  email: z.string(),
  role: z.enum(roles),
  agency: z.string().nullable(),
  pages: z.array(z.string()),
  invitedAt: z.iso.datetime(),
  /** `sub` of the account that waits for it, and that alone may take it up; null: whoever proves to have the address. */
  subject: z.string().nullable().default(null),
});
/** A role that waits for somebody to sign in. */
export type InvitationRecord = z.infer<typeof invitationSchema>;

/** Whom a token names; `email` only where the issuer has verified it. */
export interface Invited {
  subject: string;
  email: string | null;
}

export interface Invitations {
  /** Those that have ended lately among them: who invited may see it, and invite again. */
  list: (now: number) => Promise<InvitationRecord[]>;
  /** Replaces an earlier one of the address. */
  put: (invitation: InvitationRecord) => Promise<void>;
  /** Takes an invitation back. @returns it, or undefined where there is none (any more) */
  remove: (email: string) => Promise<InvitationRecord | undefined>;
  /** Makes the user that somebody was invited as; undefined where they were not, or too long ago. */
  redeem: (invited: Invited, now: number) => Promise<User | undefined>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createInvitations(options: CatalogTableOptions): Invitations {
  const table = createCatalogTable(options);

  async function get(email: string): Promise<InvitationRecord | undefined> {
    const item = await table.get(keyOf(email));
    return item && parseItem(invitationSchema, item);
  }
  async function find({ subject, email }: Invited): Promise<InvitationRecord | undefined> {
    const { items } = await table.list(listingKeys.invited(subject), { limit: 2 });
    const named = items.map((item) => parseItem(invitationSchema, item)).find((each) => each.subject === subject);
    if (named || email === null) return named;
    const addressed = await get(email);
    // One that names another account is not for whoever has an address elsewhere.
    return addressed?.subject === null ? addressed : undefined;
  }

  return {
    list: async (now) => {
      const items = await table.listPartition({ ...keyOf(''), sk: '' });
      return items.filter((item) => isLive(item, now)).map((item) => parseItem(invitationSchema, item));
    },
    put: (invitation) => table.put(itemOf(invitation)),
    remove: async (email) => {
      const found = await get(email);
      if (found === undefined) return undefined;
      try {
        await table.change({ take: [keyOf(email)] });
        return found;
      } catch (error) {
        // Taken up, or taken back, meanwhile.
        if (error instanceof AlreadyExists) return undefined;
        throw error;
      }
    },
    redeem: async (invited, now) => {
      const invitation = await find(invited);
      if (invitation === undefined || invitationEnd(invitation) <= now) return undefined;
      const { email, role, agency, pages } = invitation;
      const user: User = { subject: invited.subject, email, role, agency, pages };
      const keys = catalogKeys.user(user.subject);
      try {
        await table.change({
          create: [toItem({ ...user, ...keys, ...listingKeys.users(user.subject) })],
          take: [keyOf(email)],
        });
        return user;
      } catch (error) {
        if (!(error instanceof AlreadyExists)) throw error;
        // Another request of the same person was faster, or the invitation was taken back: the catalog knows which.
        const item = await table.get(keys);
        return item && parseItem(userSchema, item);
      }
    },
  };
}

/** The address of the catalog: Cognito tells `Ada@example.com` from no other spelling, and so do we. */
function keyOf(email: string) {
  return catalogKeys.invitation(email.toLowerCase());
}

function itemOf(invitation: InvitationRecord): Item {
  return toItem({
    ...invitation,
    ...keyOf(invitation.email),
    ...(invitation.subject !== null && listingKeys.invited(invitation.subject)),
    ...expiring(invitationEnd(invitation), keptDays.ended),
  });
}

const day = 86_400_000;

/** When an invitation ends, milliseconds since the epoch. */
export function invitationEnd({ invitedAt }: Pick<InvitationRecord, 'invitedAt'>): number {
  return Date.parse(invitedAt) + invitationDays * day;
}
