import { z } from 'zod';
import {
  instanceAllowed,
  isInstance,
  linkCountsSchema,
  pullLimits,
  pullTools,
  refusedLinkSchema,
  tokenSchema,
} from '../history/pull.ts';
import { listingOf, listQuery, pageQuery } from './listing.ts';

const token = tokenSchema.meta({
  description: 'Stored encrypted for a day at most, in no response',
  example: 'b1tly-t0k3n',
});

const address = z
  .string()
  .trim()
  .max(pullLimits.name)
  .refine(isInstance, instanceAllowed)
  .meta({ description: 'Where the instance answers', example: 'https://s.example' });

const common = {
  page: pageQuery,
  token,
  dryRun: z.boolean().default(false).meta({
    description: 'Read everything and report, and write nothing. `start` then imports what was read',
  }),
};
const history = z.boolean().default(true).meta({ description: 'Whether clicks are pulled, too, or links alone' });

export const newPullSchema = z
  .discriminatedUnion('tool', [
    z.strictObject({
      tool: z.literal('bitly'),
      ...common,
      group: z
        .string()
        .regex(/^[A-Za-z0-9]{1,40}$/, 'the id of a group, such as Ba1bc23dE4F')
        .optional()
        .meta({ description: 'Only the links of this group' }),
      history,
    }),
    z.strictObject({ tool: z.literal('dub'), ...common, history }),
    z.strictObject({ tool: z.literal('shlink'), ...common, server: address, history }),
    z.strictObject({
      tool: z.literal('plausible'),
      ...common,
      server: address.default('https://plausible.io'),
      site: z
        .string()
        .trim()
        .min(1)
        .max(253)
        .regex(/^[^\s\p{Cc}]+$/u, 'the domain of the site, as Plausible names it')
        .meta({ description: 'The site, as Plausible names it', example: 'shop.example' }),
    }),
  ])
  .meta({ id: 'NewPull', example: { tool: 'bitly', page: '/ada', token: 'b1tly-t0k3n', dryRun: true } });
export type ParsedPull = z.output<typeof newPullSchema>;

export type NewPull = z.input<typeof newPullSchema>;

export const startPullSchema = z
  .strictObject({
    token: token.optional().meta({ description: 'For a paused pull whose token was refused or deleted' }),
  })
  .meta({ id: 'StartPull' });

export const pullSchema = z
  .object({
    id: z.string(),
    page: z.string(),
    tool: z.enum(pullTools),
    from: z.string().nullable().meta({ description: 'The instance, site or group that is pulled from' }),
    createdAt: z.iso.datetime(),
    state: z.enum(['running', 'waiting', 'paused', 'interrupted', 'failed', 'previewed', 'done']).meta({
      description:
        '`waiting` goes on by itself at `continuesAt`. `paused` and `interrupted`: start it again, and it goes on where it was. `failed`: `message` names the field that cannot work; create another pull. `previewed`: start it to import what was read',
    }),
    dryRun: z.boolean(),
    message: z.string().nullable().meta({ description: 'Why it waits, is paused or has failed' }),
    continuesAt: z.iso.datetime().nullable(),
    requests: z.int().meta({ description: 'Requests to the tool so far' }),
    found: z
      .object({
        links: z.int(),
        rows: z.int().meta({ description: 'Rows of history: clicks, or days and their breakdowns' }),
        count: z.int().meta({ description: 'Clicks, or views of a site, in them' }),
        first: z.string().nullable(),
        last: z.string().nullable(),
      })
      .meta({ description: 'What was read so far' }),
    links: linkCountsSchema.meta({
      description: '`rows = accepted + repeated + refused`; in a preview, what would become of them',
    }),
    notes: z
      .array(z.object({ text: z.string(), count: z.int() }))
      .meta({ description: 'What does not come along, and how many are concerned' }),
    refused: z
      .array(refusedLinkSchema)
      .nullable()
      .meta({ description: `The first ${pullLimits.refusals} refused links. Null until all are read, and in lists` }),
    historyImport: z
      .string()
      .nullable()
      .meta({ description: 'Id of the import of the history; null until it is started, and without history' }),
  })
  .meta({ id: 'Pull' });
export type PullView = z.infer<typeof pullSchema>;

export const pullsQuerySchema = z.strictObject({ ...listQuery, page: pageQuery });
export const pullsSchema = listingOf(pullSchema).meta({ id: 'Pulls' });
