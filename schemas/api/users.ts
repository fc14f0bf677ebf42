import { z } from 'zod';
import { roles, userSchema } from '../catalog.ts';
import { listingOf } from './listing.ts';

/** A user, or an invitation that nobody has taken up: its `subject` is `invited:` and the address. */
export const listedUserSchema = userSchema
  .extend({
    invitedAt: z.iso.datetime().nullable().default(null),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .default(null)
      .meta({ description: 'When an invitation ends; inviting again gives it a new end and sends another mail' }),
    pending: z.boolean().default(false),
  })
  .meta({ id: 'ListedUser' });
export const usersSchema = listingOf(listedUserSchema).meta({ id: 'Users' });
/** Answer of an invitation. `mailed` is false where no mail has left: tell them yourself, or invite again later. */
export const invitedSchema = listedUserSchema.extend({ mailed: z.boolean() }).meta({ id: 'Invited' });

/** `PATCH /users/{subject}`: what is left out stays. */
export const userChangeSchema = z
  .strictObject({
    role: z.enum(roles),
    agency: z.string().max(128).nullable(),
    pages: z.array(z.string()).max(500),
  })
  .partial()
  .meta({ id: 'UserChange' });

/** `POST /users`: invites by mail. Who signs in with that address within seven days becomes the user. */
export const invitationSchema = z
  .strictObject({
    email: z.email(),
    role: z.enum(roles),
    agency: z.string().max(128).nullable().default(null),
    pages: z.array(z.string()).max(500).default([]),
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.input<typeof invitationSchema>;

export const keyScopes = ['read', 'links', 'admin'] as const;

/** `POST /keys`. */
export const newKeySchema = z
  .strictObject({ label: z.string().min(1).max(100), scopes: z.array(z.enum(keyScopes)).min(1) })
  .meta({ id: 'NewKey' });
export type KeyScope = (typeof keyScopes)[number];
export type NewKey = z.input<typeof newKeySchema>;

export const keySchema = z
  .object({
    id: z.string(),
    label: z.string(),
    scopes: z.array(z.enum(keyScopes)),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Key' });
export const keysSchema = listingOf(keySchema).meta({ id: 'Keys' });
/** Answer of the creation: `secret` is shown once and stored hashed. */
export const createdKeySchema = keySchema.extend({ secret: z.string() }).meta({ id: 'CreatedKey' });
