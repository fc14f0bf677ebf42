import { catalogPartitions } from '#schemas/tables.ts';

/** Keys of the catalog table. */
export const catalogKeys = {
  link: (code: string) => ({ pk: `${catalogPartitions.link}${code}`, sk: 'link' }),
  page: (path: string) => ({ pk: `${catalogPartitions.page}${path}`, sk: 'page' }),
  /** How many links a page has, including deleted ones whose codes are reserved for it. */
  linkCount: (path: string) => ({ pk: `${catalogPartitions.page}${path}`, sk: 'links' }),
  user: (subject: string) => ({ pk: `${catalogPartitions.user}${subject}`, sk: 'user' }),
  agencyPage: (agency: string, path: string) => ({ pk: `${catalogPartitions.agency}${agency}`, sk: `page#${path}` }),
  /** Who is invited, by address in lower case. */
  invitation: (email: string) => ({ pk: catalogPartitions.invitation, sk: email }),
  apiKey: (id: string) => ({ pk: `${catalogPartitions.apiKey}${id}`, sk: 'key' }),
  share: (id: string) => ({ pk: `${catalogPartitions.share}${id}`, sk: 'share' }),
  /** An export or an erasure that a job works on. */
  job: (id: string) => ({ pk: `${catalogPartitions.job}${id}`, sk: 'job' }),
} as const;

/** Keys of the listing index. */
export const listingKeys = {
  linksOfPage: (path: string, code?: string) => ({ gpk: `page#${path}`, gsk: `link#${code ?? ''}` }),
  /** Codes of deleted links. */
  reservedCodes: (path: string, code?: string) => ({ gpk: `reserved#${path}`, gsk: code ?? '' }),
  pages: (path?: string) => ({ gpk: 'pages', gsk: path ?? '' }),
  users: (subject?: string) => ({ gpk: 'users', gsk: subject ?? '' }),
  /** Invitations by the account that was made for them. */
  invited: (subject: string) => ({ gpk: 'invited', gsk: subject }),
  apiKeys: (subject: string, id?: string) => ({ gpk: `keys#${subject}`, gsk: id ?? '' }),
  shares: (path: string, id?: string) => ({ gpk: `shares#${path}`, gsk: id ?? '' }),
  exports: (path: string, id?: string) => ({ gpk: `exports#${path}`, gsk: id ?? '' }),
  erasures: (id?: string) => ({ gpk: 'erasures', gsk: id ?? '' }),
} as const;
