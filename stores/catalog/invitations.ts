import { dayLength } from '#core/time.ts';
import { z } from 'zod';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { invitationDays, keptDays, roles, type User, userSchema } from '#schemas/catalog.ts';
import { userKeys } from '#schemas/tables.ts';
import { expiring, isLive, parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, exists, isNew, type Item, type TableOptions } from '../dynamodb/table.ts';

const invitationSchema = z.object({
  /** In lower case. */
  email: z.string(),
  role: z.enum(roles),
  agency: z.string().nullable(),
  pages: z.array(z.string()),
  invitedAt: z.iso.datetime(),
  /** `sub` of the only account that may redeem it; null: anyone who proves to own the address. */
  subject: z.string().nullable().default(null),
});
/** A role that a person gets when they first sign in. */
export type InvitationRecord = z.infer<typeof invitationSchema>;

/** The person that a token names; `email` only if the issuer has verified it. */
export interface Invited {
  subject: string;
  email: string | null;
}

export interface Invitations {
  /** Lists invitations, including those that ended in the last 30 days: an admin can see them and invite again. */
  list: (now: number) => Promise<InvitationRecord[]>;
  /** Replaces an earlier invitation of the address. */
  put: (invitation: InvitationRecord) => Promise<void>;
  /** Withdraws an invitation. Returns it, or undefined if there is none. */
  remove: (email: string) => Promise<InvitationRecord | undefined>;
  /** Creates the user that the person was invited as. Returns undefined if they were not invited, or too long ago. */
  redeem: (invited: Invited, now: number) => Promise<User | undefined>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createInvitations(options: TableOptions): Invitations {
  const table = createTable(options);

  async function get(email: string): Promise<InvitationRecord | undefined> {
    const item = await table.get(keyOf(email));
    return item && parseItem(invitationSchema, item);
  }
  async function find({ subject, email }: Invited): Promise<InvitationRecord | undefined> {
    const { items } = await table.list(listingKeys.invited(subject), { limit: 2 });
    const named = items.map((item) => parseItem(invitationSchema, item)).find((each) => each.subject === subject);
    if (named || email === null) return named;
    const addressed = await get(email);
    // An invitation that names another account is not for this one, even if the address is the same.
    return addressed?.subject === null ? addressed : undefined;
  }

  return {
    list: async (now) => {
      const items = await table.query({ pk: keyOf('').pk });
      return items.filter((item) => isLive(item, now)).map((item) => parseItem(invitationSchema, item));
    },
    put: (invitation) => table.put(buildItem(invitation)),
    remove: async (email) => {
      const found = await get(email);
      if (found === undefined) return undefined;
      // False: redeemed or withdrawn meanwhile.
      const removed = await table.transact([{ kind: 'delete', key: keyOf(email), condition: exists }]);
      return removed ? found : undefined;
    },
    redeem: async (invited, now) => {
      const invitation = await find(invited);
      if (invitation === undefined || invitationEnd(invitation) <= now) return undefined;
      const { email, role, agency, pages } = invitation;
      const user: User = { subject: invited.subject, email, role, agency, pages };
      const redeemed = await table.transact([
        { kind: 'put', item: toItem({ ...user, ...userKeys(user.subject) }), condition: isNew },
        { kind: 'delete', key: keyOf(email), condition: exists },
      ]);
      if (redeemed) return user;
      // Another request of the same person was faster, or the invitation was withdrawn: the catalog knows which.
      const item = await table.get(catalogKeys.user(user.subject));
      return item && parseItem(userSchema, item);
    },
  };
}

/** Addresses are compared in lower case, as Cognito compares them. */
function keyOf(email: string) {
  return catalogKeys.invitation(email.toLowerCase());
}

function buildItem(invitation: InvitationRecord): Item {
  return toItem({
    ...invitation,
    ...keyOf(invitation.email),
    ...(invitation.subject !== null && listingKeys.invited(invitation.subject)),
    ...expiring(invitationEnd(invitation), keptDays.ended),
  });
}

/** Returns when an invitation ends, in milliseconds since the epoch. */
export function invitationEnd({ invitedAt }: Pick<InvitationRecord, 'invitedAt'>): number {
  return Date.parse(invitedAt) + invitationDays * dayLength;
}
