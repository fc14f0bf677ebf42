import { z } from 'zod';
import { freshnessSchema } from '../api.ts';
import { outcomes } from '../event.ts';
import { ruleFieldNames } from '../rule-fields.ts';
import { listingOf, partSourceSchema } from './listing.ts';

const count = z.int().min(0);

/** `GET /pages/{page}/ledger/examples`: what the events of one outcome have in common, most frequent first. */
export const ledgerExamplesQuerySchema = z.strictObject({
  outcome: z.enum(outcomes),
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
  link: z.string().max(64).optional(),
});

export const ledgerExamplesSchema = z
  .object({
    rows: z.array(
      z.object({
        /** Rule that decided: `bot.user-agent`. */
        rule: z.string(),
        /** Name of the bot or the preview service, else the browser's family; never a whole user agent. */
        family: z.string().nullable(),
        bot: z.string().nullable(),
        country: z.string().nullable(),
        referrer: z.string().nullable(),
        /** The latest of them, as local hour with offset. */
        lastHour: z.string(),
        events: count,
      }),
    ),
    sources: z.record(z.string(), partSourceSchema),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'LedgerExamples' });
export type LedgerExamples = z.infer<typeof ledgerExamplesSchema>;

/** `POST /pages/{page}/reclassify`: `preview` says what it would do, and changes nothing. */
export const newRuleSchema = z
  .strictObject({
    field: z.enum(ruleFieldNames),
    value: z.string().min(1).max(253),
    outcome: z.enum(['counted', 'bot']),
    preview: z.boolean().default(false),
  })
  .meta({ id: 'NewRule' });
export type NewRule = z.input<typeof newRuleSchema>;

export const ruleSchema = z
  .object({
    id: z.string(),
    page: z.string(),
    field: z.enum(ruleFieldNames),
    value: z.string(),
    outcome: z.enum(['counted', 'bot']),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Rule' });
export const rulesSchema = listingOf(ruleSchema).meta({ id: 'Rules' });

/** What a rule changes over the settled hours that still have their events. */
export const ruleEffectSchema = z
  .object({
    /** Null for a preview. */
    rule: ruleSchema.nullable(),
    events: count,
    hours: count,
    views: z.object({ before: count, after: count }),
    clicks: z.object({ before: count, after: count }),
    /** Events by the outcome that they have now. */
    from: z.partialRecord(z.enum(outcomes), count),
  })
  .meta({ id: 'RuleEffect' });
export type RuleEffect = z.infer<typeof ruleEffectSchema>;
