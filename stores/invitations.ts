import { z } from 'zod';
import { catalogKeys, listingKeys, roles, type User } from '#schemas/catalog.ts';
import { type CatalogTableOptions, createCatalogTable, parseItem, toItem } from './catalog-table.ts';
import { AlreadyExists } from './errors.ts';

const invitationSchema = z.object({
  /** In lower case. */
  email: z.string(),
  role: z.enum(roles),
  agency: z.string().nullable(),
  pages: z.array(z.string()),
  invitedAt: z.iso.datetime(),
});
/** A role that waits for whoever signs in first with an address. */
export type InvitationRecord = z.infer<typeof invitationSchema>;

export interface Invitations {
  list: () => Promise<InvitationRecord[]>;
  put: (invitation: InvitationRecord) => Promise<void>;
  remove: (email: string) => Promise<void>;
  /** Makes the user that an address was invited as; undefined where it was not. */
  redeem: (email: string, subject: string) => Promise<User | undefined>;
}

/** Every function may throw {@link StoreUnavailable}. */
export const createInvitations = (options: CatalogTableOptions): Invitations => {
  const table = createCatalogTable(options);
  const keyOf = (email: string) => catalogKeys.invitation(email.toLowerCase());
  return {
    list: async () =>
      (await table.listPartition({ ...keyOf(''), sk: '' })).map((item) => parseItem(invitationSchema, item)),
    put: (invitation) => table.put(toItem({ ...invitation, ...keyOf(invitation.email) })),
    remove: (email) => table.remove(keyOf(email)),
    redeem: async (email, subject) => {
      const item = await table.get(keyOf(email));
      if (item === undefined) return undefined;
      const { role, agency, pages } = parseItem(invitationSchema, item);
      const user: User = { subject, email, role, agency, pages };
      const userItem = toItem({ ...user, ...catalogKeys.user(subject), ...listingKeys.users(subject) });
      try {
        await table.change({ create: [userItem], remove: [keyOf(email)] });
      } catch (error) {
        // Another request of the same person was faster.
        if (!(error instanceof AlreadyExists)) throw error;
      }
      return user;
    },
  };
};
