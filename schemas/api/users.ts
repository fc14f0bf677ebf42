import { z } from 'zod';
import { pagePathPattern, roles } from '../catalog.ts';
import { listingOf } from './listing.ts';

/** A user, or an invitation that is pending: then `subject` is `invited:<address>`. */
export const userViewSchema = z
  .object({
    subject: z.string(),
    email: z.string().nullable().default(null),
    role: z.enum(roles),
    agency: z.string().nullable().default(null),
    pages: z.array(z.string()).default([]),
    invitedAt: z.iso.datetime().nullable().default(null),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .default(null)
      .meta({ description: 'When the invitation expires. Inviting again extends it and sends another mail' }),
    pending: z.boolean().default(false).meta({ description: 'True for an invitation' }),
  })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof userViewSchema>;
export const usersSchema = listingOf(userViewSchema).meta({ id: 'Users' });
export const invitedSchema = userViewSchema
  .extend({
    mailed: z.boolean().meta({ description: 'False if no mail was sent: tell the user, or invite again later' }),
  })
  .meta({ id: 'Invited' });

const pagePath = z.string().regex(pagePathPattern).meta({ example: '/ada' });
const role = z.enum(roles).meta({ description: '`admin` sees everything, `agency` its pages, `creator` their pages' });
const agency = z.string().max(128).meta({ description: 'For the role `agency`' });
const pagesText = 'For the role `creator`: paths of their pages';

export const userChangeSchema = z
  .strictObject({
    role,
    agency: agency.nullable(),
    pages: z.array(pagePath).max(500).meta({ description: pagesText }),
  })
  .partial()
  .meta({ id: 'UserChange', example: { role: 'creator', pages: ['/ada'] } });

export const invitationSchema = z
  .strictObject({
    email: z.email().max(254),
    role,
    agency: agency.nullable().default(null),
    pages: z.array(pagePath).max(500).default([]).meta({ description: pagesText }),
  })
  .meta({ id: 'Invitation', example: { email: 'grace@example.com', role: 'creator', pages: ['/ada'] } });
export type Invitation = z.input<typeof invitationSchema>;

/** `annotations` adds annotations and nothing else, for deployments. */
export const keyScopes = ['read', 'annotations', 'links', 'admin'] as const;

export const newKeySchema = z
  .strictObject({
    label: z.string().min(1).max(100).meta({ description: 'What uses the key', example: 'Deployments' }),
    scopes: z.array(z.enum(keyScopes)).min(1).max(keyScopes.length).meta({
      description:
        '`read` reads; `annotations` creates annotations and reads nothing; `links` reads, and writes links; `admin` does everything',
    }),
  })
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
export type Key = z.infer<typeof keySchema>;
export const keysSchema = listingOf(keySchema).meta({ id: 'Keys' });
export const createdKeySchema = keySchema
  .extend({ secret: z.string().meta({ description: 'The key. Shown once; only its hash is stored' }) })
  .meta({ id: 'CreatedKey' });
