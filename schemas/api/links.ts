import { normalizeLabel } from '../catalog-rules.ts';
import { z } from 'zod';
import { linkCodePattern, linkFields, linkInputSchema, linkSchema, passwordLength } from '../catalog.ts';
import { localDateSchema } from '../time/local-date.ts';
import { listingOf, listQuery, pageQuery } from './listing.ts';

/** What the API shows of a link. */
export const linkViewSchema = linkSchema
  .pick({
    id: true,
    code: true,
    aliases: true,
    page: true,
    domain: true,
    url: true,
    title: true,
    campaign: true,
    status: true,
    enabled: true,
    startsAt: true,
    expiresAt: true,
    expiredUrl: true,
    clickLimit: true,
    deviceUrls: true,
    countryUrls: true,
    passQuery: true,
    utm: true,
    variants: true,
    card: true,
    tags: true,
    archived: true,
    position: true,
    listed: true,
    section: true,
    icon: true,
    createdAt: true,
    updatedAt: true,
  })
  .extend({
    shortUrl: z.string().meta({ description: 'Address of the link', example: 'https://go.example/spring' }),
    protected: z.boolean().meta({ description: 'Whether visitors need a password' }),
  })
  .meta({ id: 'Link' });
export type LinkView = z.infer<typeof linkViewSchema>;
export const linksSchema = listingOf(linkViewSchema).meta({ id: 'Links' });

export const linksQuerySchema = z.strictObject({
  ...listQuery,
  page: pageQuery.optional(),
  search: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Text in the code, an alias, the title or the destination' }),
  tag: z.string().max(200).optional().meta({ description: 'Only links with this tag' }),
  campaign: z.string().overwrite(normalizeLabel).max(128).optional().meta({
    description: 'Only links of this campaign, in upper or lower case',
  }),
  archived: z
    .enum(['exclude', 'include', 'only'])
    .default('exclude')
    .meta({ description: 'Whether to list archived links' }),
});

const password = z
  .string()
  .min(passwordLength.min)
  .max(passwordLength.max)
  .nullable()
  .optional()
  .meta({ description: 'Password that visitors need. Stored as a hash, and in no response; null removes it' });

/** Fields that a caller may set when creating a link. `checkLink` validates codes and destinations. */
export const newLinkSchema = linkInputSchema
  .pick({
    aliases: true,
    page: true,
    url: true,
    title: true,
    campaign: true,
    status: true,
    enabled: true,
    startsAt: true,
    expiresAt: true,
    expiredUrl: true,
    clickLimit: true,
    deviceUrls: true,
    countryUrls: true,
    passQuery: true,
    utm: true,
    variants: true,
    card: true,
    tags: true,
    archived: true,
    position: true,
    listed: true,
    section: true,
    icon: true,
  })
  .extend({
    code: z.string().regex(linkCodePattern).optional().meta({ description: 'Default: a random code of 7 characters' }),
    domain: linkFields.domain.optional().meta({
      description:
        'Domain at which alone the link answers, one of `domains` of its page; null: the domain of the stack. Default: the domain of the page',
    }),
    password,
  })
  .strict()
  .meta({
    id: 'NewLink',
    example: {
      page: '/ada',
      url: 'https://shop.example/spring',
      code: 'spring',
      title: 'Spring sale',
      tags: ['spring'],
    },
  });
/** The body of `POST /links`: fields with a default are optional. */
export type NewLink = z.input<typeof newLinkSchema>;

/** Fields that a caller may change. Omitted fields keep their value, so none has a default. */
export const linkChangeSchema = z
  .strictObject({ ...linkFields, password })
  .partial()
  .meta({ id: 'LinkChange', example: { title: 'Spring sale', expiresAt: '2026-12-31T23:00:00Z' } });
export type LinkChange = z.infer<typeof linkChangeSchema>;

/** Links of one request for clicks, and days of its period. */
export const linkClicksLimits = { codes: 50, days: 92 } as const;

export const linkClicksQuerySchema = z.strictObject({
  codes: z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64}){0,${linkClicksLimits.codes - 1}}$`), {
      error: `1 to ${linkClicksLimits.codes} codes, separated by commas`,
    })
    .meta({ description: 'Codes of links of the page, separated by commas', example: 'k3x9,spring' }),
  from: localDateSchema.meta({ description: "First date, in the page's time zone", example: '2026-11-01' }),
  to: localDateSchema.meta({
    description: `Last date, at most ${linkClicksLimits.days} days in all`,
    example: '2026-11-22',
  }),
});

export const linkClicksSchema = z
  .object({
    rows: z.array(
      z.object({
        code: z.string(),
        clicks: z.number().int(),
        /** By date, in order. */
        days: z.array(z.number().int()),
      }),
    ),
  })
  .meta({ id: 'LinkClicks' });

export const linkPreviewQuerySchema = z.strictObject({
  url: linkFields.url.meta({ description: 'Destination of a link', example: 'https://shop.example/spring' }),
});

const picture = z.string().nullable();

export const linkPreviewSchema = z
  .object({
    title: z.string().nullable().meta({ description: 'Of the preview card, else of the page' }),
    description: z.string().nullable(),
    image: z.string().nullable().meta({ description: 'https address of the image of the preview card' }),
    picture: picture.meta({ description: 'The image as a data URL; null if it is larger than 600 KB' }),
    icon: picture.meta({ description: 'Icon of the site as a data URL' }),
    codes: z
      .array(z.string())
      .meta({ description: 'Up to three codes that are free, the best first', example: ['spring-sale', 'spring'] }),
    problem: z.string().nullable().meta({ description: 'Why the page could not be read', example: null }),
  })
  .meta({ id: 'LinkPreview' });
export type LinkPreview = z.infer<typeof linkPreviewSchema>;

/** Hosts of one request for icons. */
export const mostIconHosts = 50;

const hostPattern = '(?=[^,]{1,253}(?:,|$))[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){1,10}';

export const linkIconsQuerySchema = z.strictObject({
  hosts: z
    .string()
    .max(5_000)
    .regex(new RegExp(`^${hostPattern}(,${hostPattern}){0,${mostIconHosts - 1}}$`), {
      error: `1 to ${mostIconHosts} host names in lower case, separated by commas`,
    })
    .meta({ description: 'Host names of destinations, separated by commas', example: 'shop.example,music.example' }),
});

export const linkIconsSchema = z
  .object({
    rows: z.array(
      z.object({
        host: z.string(),
        icon: picture.meta({ description: 'Data URL; null without one, and if it is not known yet' }),
      }),
    ),
  })
  .meta({ id: 'LinkIcons' });
