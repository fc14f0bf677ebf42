import { z } from 'zod';
import { pageAlertsSchema, recipientStates } from '../alerts.ts';
import {
  identityModes,
  linkCodePattern,
  pageDesignSchema,
  pagePathPattern,
  pageSchema,
  userSchema,
  visitorTextsSchema,
} from '../catalog.ts';
import { listingOf, listQuery } from './listing.ts';

/** Alert settings that the API shows and accepts. */
const alertSettingsSchema = pageAlertsSchema
  .pick({
    enabled: true,
    method: true,
    sensitivity: true,
    recipients: true,
    quietHours: true,
    kinds: true,
    goal: true,
    badDays: true,
  })
  .strict();

/** What the API shows of a page. */
export const pageViewSchema = pageSchema
  .pick({
    path: true,
    title: true,
    description: true,
    timeZone: true,
    agency: true,
    domain: true,
    origins: true,
    identities: true,
    identitiesSince: true,
    createdAt: true,
    updatedAt: true,
  })
  .extend({
    alerts: alertSettingsSchema.exactOptional(),
    design: pageDesignSchema.exactOptional(),
    texts: visitorTextsSchema.exactOptional(),
    url: z.string().meta({ description: 'Address of the link page', example: 'https://go.example/@ada' }),
    domains: z.array(z.string()).meta({
      description: 'Domains that the page and its links may name, besides that of the stack',
      example: ['go.agency.example'],
    }),
  })
  .meta({ id: 'Page' });
export type PageView = z.infer<typeof pageViewSchema>;
const listedPageSchema = pageViewSchema.omit({ design: true, texts: true, domains: true }).meta({ id: 'ListedPage' });
export type ListedPage = z.infer<typeof listedPageSchema>;
export const pagesSchema = listingOf(listedPageSchema).meta({ id: 'Pages' });

export const pagesQuerySchema = z.strictObject({
  ...listQuery,
  search: z.string().max(200).optional().meta({ description: 'Text in the path or the title' }),
});

const pageTitle = z.string().max(300).meta({ description: 'Heading of the link page', example: 'Grace' });
const pageDescription = z.string().max(1000).nullable().meta({ description: 'Text below the heading' });

export const newPageSchema = z
  .strictObject({
    path: z
      .string()
      .regex(pagePathPattern)
      // Browsers resolve dots away, and objects by page must not meet their prototype.
      .refine((path) => !/^\/(\.+|__proto__)$/.test(path), { error: 'a path other than `/.`, `/..` and `/__proto__`' })
      .meta({ description: 'Address of the page with its slash', example: '/grace' }),
    title: pageTitle,
    description: pageDescription.default(null),
    timeZone: z.string().max(64).default('UTC').meta({ description: 'IANA time zone', example: 'Europe/Vienna' }),
    agency: z.string().max(128).nullable().default(null).meta({ description: 'Agency that manages the page' }),
  })
  .meta({ id: 'NewPage' });
export type NewPage = z.input<typeof newPageSchema>;

export const pageChangeSchema = z
  .strictObject({
    title: pageTitle,
    description: pageDescription,
    domain: z.string().max(253).nullable().meta({
      description: 'Domain of the link page and of new links, one of `domains`; null: the domain of the stack',
    }),
    texts: visitorTextsSchema.meta({
      description: 'Texts for visitors of links that do not redirect. Omitted fields get our text',
    }),
    design: pageDesignSchema.meta({ description: 'Looks of the link page. Omitted fields get their default' }),
    order: z
      .array(z.string().regex(linkCodePattern))
      .max(1000)
      .meta({ description: 'Codes of the links, in the order of the link page' }),
  })
  .partial()
  .meta({ id: 'PageChange', example: { title: 'Ada', description: 'Music and dates' } });
export type PageChange = z.infer<typeof pageChangeSchema>;

export const pageSettingsSchema = z
  .strictObject({
    timeZone: z.string().max(64).meta({
      description: 'IANA time zone. A change applies from the next hour; past data is not affected',
    }),
    origins: z
      .array(z.string().max(300))
      .max(50)
      .meta({
        description: 'Origins whose tracker may send events of this page',
        example: ['https://ada.example'],
      }),
    identities: z.enum(identityModes).meta({
      description:
        'Which ids of people are kept, as keyed hashes: `none`, those of users (`identified`), or those of visitors who are not known yet, too (`all`). Only of people who consented',
    }),
    alerts: alertSettingsSchema.meta({
      description: 'Alerts and mails. Omitted fields get their default',
      example: { sensitivity: 'high', recipients: ['ada@example.com'] },
    }),
  })
  .meta({ id: 'PageSettings' });
export type PageSettings = z.infer<typeof pageSettingsSchema>;

export const recipientSchema = z
  .object({
    address: z.string(),
    state: z.enum(recipientStates).meta({
      description:
        '`pending`: gets no mails until the owner of the address confirms it. `unsubscribed`: the owner wants no mails. ' +
        '`suppressed`: mails bounced or were reported as spam',
    }),
    askedAt: z.iso.datetime().nullable().meta({ description: 'When the owner was last asked to confirm' }),
  })
  .meta({ id: 'Recipient' });
export type Recipient = z.infer<typeof recipientSchema>;
export const recipientsSchema = z.object({ rows: z.array(recipientSchema) }).meta({ id: 'Recipients' });

export const recipientRequestSchema = z
  .strictObject({ address: pageAlertsSchema.shape.recipients.unwrap().element })
  .meta({ id: 'RecipientRequest' });

export const peopleQuerySchema = z.strictObject(listQuery);
export const peopleSchema = listingOf(userSchema.pick({ email: true, role: true })).meta({ id: 'People' });
