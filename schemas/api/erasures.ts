import { z } from 'zod';
import { pagePathPattern, personIdLimit } from '../catalog-rules.ts';
import { erasureKinds } from '../lake-jobs.ts';
import { listingOf, listQuery } from './listing.ts';

export const newErasureSchema = z
  .strictObject({
    kind: z.enum(erasureKinds),
    value: z.string().min(1).max(personIdLimit).meta({
      description:
        'Path of the page with its slash (`page`, `ids`), `visitor_id` as in an export, with or without its apostrophe (`visitor`), or the id of a person (`consented`): as your site knows it, with `page`, or as in an export',
    }),
    page: z.string().regex(pagePathPattern).optional().meta({
      description: 'Page on which a person has the id that your site knows',
    }),
  })
  .refine(({ kind, page }) => kind === 'consented' || page === undefined, {
    path: ['page'],
    error: 'left out, unless `kind` is `consented`',
  })
  .meta({ id: 'NewErasure' });
export type NewErasure = z.input<typeof newErasureSchema>;

/** Does not include whose data was erased. */
export const erasureSchema = z
  .object({
    id: z.string(),
    kind: z.enum(erasureKinds),
    state: z.enum(['running', 'done', 'failed']),
    createdAt: z.iso.datetime(),
    message: z.string().nullable().meta({ description: 'Why the erasure failed, or that there was nothing to erase' }),
    rewritten: z.array(z.string()).meta({ description: 'Hours rewritten without the data' }),
    pending: z.array(z.string()).meta({ description: 'Hours that follow when they settle' }),
    erased: z
      .record(z.string(), z.int())
      .default({})
      .meta({ description: 'Records erased with a page, by kind: alerts, forecasts, mails, shares and others' }),
    remaining: z
      .array(z.object({ place: z.string(), until: z.string() }))
      .meta({ description: 'Copies that expire, and when' }),
  })
  .meta({ id: 'Erasure' });
export type Erasure = z.infer<typeof erasureSchema>;
export const erasuresQuerySchema = z.strictObject(listQuery);
export const erasuresSchema = listingOf(erasureSchema).meta({ id: 'Erasures' });
