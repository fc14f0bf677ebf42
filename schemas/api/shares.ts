import { z } from 'zod';
import { pagePathPattern } from '../catalog.ts';
import { listingOf, listQuery } from './listing.ts';

/** `POST /shares`. */
export const newShareSchema = z
  .strictObject({
    page: z.string().regex(pagePathPattern),
    /** Instant after which it opens nothing; at most a year away. */
    expiresAt: z.iso.datetime(),
    label: z.string().max(100).default(''),
  })
  .meta({ id: 'NewShare' });
export type NewShare = z.input<typeof newShareSchema>;

export const shareSchema = z
  .object({
    id: z.string(),
    page: z.string(),
    label: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Share' });
export type Share = z.infer<typeof shareSchema>;
export const sharesSchema = listingOf(shareSchema).meta({ id: 'Shares' });

/** Parameters of `GET /shares`: shares of one page. */
export const sharesQuerySchema = z.strictObject({
  ...listQuery,
  page: z.string().regex(pagePathPattern).meta({ description: 'Path with its slash', example: '/ada' }),
});

/**
 * Answer of the creation: `token` opens `/app/share#<token>` and is shown once. The dashboard sends it as
 * `authorization: Share <token>`; it reads stats, dashboard, ledger and real time of its page, and nothing else.
 */
export const createdShareSchema = shareSchema.extend({ token: z.string() }).meta({ id: 'CreatedShare' });

/** `GET /shares/current`, with a share's token: what it opens. */
export const sharedPageSchema = z
  .object({ page: z.string(), title: z.string(), timeZone: z.string(), expiresAt: z.iso.datetime() })
  .meta({ id: 'SharedPage' });
