import { z } from 'zod';
import { freshnessSchema } from '../api.ts';
import { outcomes } from '../event.ts';
import { ruleFieldNames } from '../dimensions.ts';
import { listingOf, partSourceSchema } from './listing.ts';

const count = z.int().min(0);

export const ledgerExamplesQuerySchema = z.strictObject({
  outcome: z.enum(outcomes).meta({ example: 'bot' }),
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
  link: z.string().max(64).optional(),
});

export const ledgerExamplesSchema = z
  .object({
    rows: z
      .array(
        z.object({
          rule: z.string().meta({ description: 'Rule that decided the outcome', example: 'bot.user-agent' }),
          family: z.string().nullable().meta({
            description: 'Name of the bot or preview service, or else of the browser. Never a whole user agent',
          }),
          bot: z.string().nullable(),
          country: z.string().nullable(),
          referrer: z.string().nullable(),
          requested: z.string().nullable().meta({
            description:
              'Path that was requested, for codes that do not exist (`link.unknown`), and with the domain for `link.domain`',
            example: '/Spring',
          }),
          lastHour: z.string().meta({ description: 'Local hour of the latest event, with offset' }),
          events: count,
        }),
      )
      .meta({ description: 'Events grouped by what they have in common, most frequent first' }),
    sources: z.record(z.string(), partSourceSchema),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'LedgerExamples' });
export type LedgerExamples = z.infer<typeof ledgerExamplesSchema>;

export const newRuleSchema = z
  .strictObject({
    field: z.enum(ruleFieldNames).meta({ description: 'What of an event is compared', example: 'country' }),
    value: z.string().min(1).max(253).meta({ description: 'Events with this value get the outcome', example: 'US' }),
    outcome: z.enum(['counted', 'bot']).meta({ description: 'What they count as' }),
    preview: z.boolean().default(false).meta({ description: 'Return the effect without storing the rule' }),
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
export type Rule = z.infer<typeof ruleSchema>;
export const rulesSchema = listingOf(ruleSchema).meta({ id: 'Rules' });

export const ruleEffectSchema = z
  .object({
    rule: ruleSchema.nullable().meta({ description: 'Null for a preview' }),
    events: count.meta({ description: 'Events of the last 90 days that the rule changes' }),
    hours: count.meta({ description: 'Hours with such events' }),
    views: z.object({ before: count, after: count }),
    clicks: z.object({ before: count, after: count }),
    from: z.partialRecord(z.enum(outcomes), count).meta({ description: 'The changed events by their present outcome' }),
  })
  .meta({ id: 'RuleEffect' });
export type RuleEffect = z.infer<typeof ruleEffectSchema>;
