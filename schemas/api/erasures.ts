import { z } from 'zod';
import { listingOf, listQuery } from './listing.ts';

/** `POST /erasures`: erases everything of a page, of a visitor of one day, or of a person who consented to an id. */
export const newErasureSchema = z
  .strictObject({
    kind: z.enum(['page', 'visitor', 'consented']),
    /** Path of the page with its slash, visitor id as in an export, or the consented id. */
    value: z.string().min(1).max(128),
  })
  .meta({ id: 'NewErasure' });
export type NewErasure = z.input<typeof newErasureSchema>;

/** What became of an erasure. It does not repeat whom it was about. */
export const erasureSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['page', 'visitor', 'consented']),
    state: z.enum(['running', 'done', 'failed']),
    createdAt: z.iso.datetime(),
    message: z.string().nullable(),
    /** Hours that were written again without the subject, and hours that follow when they settle. */
    rewritten: z.array(z.string()),
    pending: z.array(z.string()),
    /** Items of the catalog erased with a page, by kind: alerts, forecasts, mails, shares and others. */
    erased: z.record(z.string(), z.int()).default({}),
    /** Copies that expire by themselves, and when. */
    remaining: z.array(z.object({ place: z.string(), until: z.string() })),
  })
  .meta({ id: 'Erasure' });
export type Erasure = z.infer<typeof erasureSchema>;
export const erasuresQuerySchema = z.strictObject(listQuery);
export const erasuresSchema = listingOf(erasureSchema).meta({ id: 'Erasures' });
