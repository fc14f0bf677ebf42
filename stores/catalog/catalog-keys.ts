import { catalogPartitions, listingPartitions } from '#schemas/tables.ts';

/** Keys of the catalog table. */
export const catalogKeys = {
  link: (code: string) => ({ pk: `${catalogPartitions.link}${code}`, sk: 'link' }),
  /** How many clicks of its limit a link has used, by its id. */
  linkClicks: (id: string) => ({ pk: `${catalogPartitions.linkClicks}${id}`, sk: 'clicks' }),
  page: (path: string) => ({ pk: `${catalogPartitions.page}${path}`, sk: 'page' }),
  /** How many links and aliases a page has, including deleted ones whose codes are reserved for it. */
  linkCount: (path: string) => ({ pk: `${catalogPartitions.page}${path}`, sk: 'links' }),
  user: (subject: string) => ({ pk: `${catalogPartitions.user}${subject}`, sk: 'user' }),
  agencyPage: (agency: string, path: string) => ({ pk: `${catalogPartitions.agency}${agency}`, sk: `page#${path}` }),
  agencyBrand: (agency: string) => ({ pk: `${catalogPartitions.agency}${agency}`, sk: 'brand' }),
  /** Who is invited, by address in lower case. */
  invitation: (email: string) => ({ pk: catalogPartitions.invitation, sk: email }),
  apiKey: (id: string) => ({ pk: `${catalogPartitions.apiKey}${id}`, sk: 'key' }),
  share: (id: string) => ({ pk: `${catalogPartitions.share}${id}`, sk: 'share' }),
  campaign: (id: string) => ({ pk: `${catalogPartitions.campaign}${id}`, sk: 'campaign' }),
  /** What people save about a page, by kind. */
  saved: (path: string, kind: string, id: string) => ({
    pk: `${catalogPartitions.saved}${path}`,
    sk: `${kind}#${id}`,
  }),
  /** An export, an erasure or an import that a job works on. */
  job: (id: string) => ({ pk: `${catalogPartitions.job}${id}`, sk: 'job' }),
  /** Which import of history has the page. */
  importOfPage: (path: string) => ({ pk: `${catalogPartitions.job}${path}`, sk: 'import' }),
  /** The token of a pull, encrypted. */
  pullToken: (id: string) => ({ pk: `${catalogPartitions.job}${id}`, sk: 'token' }),
} as const;

/** Keys of the listing index. */
export const listingKeys = {
  linksOfPage: (path: string, code?: string) => ({
    gpk: `${listingPartitions.linksOfPage}${path}`,
    gsk: `link#${code ?? ''}`,
  }),
  /** Codes of deleted links. */
  reservedCodes: (path: string, code?: string) => ({
    gpk: `${listingPartitions.reservedCodes}${path}`,
    gsk: code ?? '',
  }),
  pages: (path?: string) => ({ gpk: listingPartitions.pages, gsk: path ?? '' }),
  users: (subject?: string) => ({ gpk: listingPartitions.users, gsk: subject ?? '' }),
  /** Invitations by the account that was made for them. */
  invited: (subject: string) => ({ gpk: listingPartitions.invited, gsk: subject }),
  apiKeys: (subject: string, id?: string) => ({ gpk: `${listingPartitions.apiKeys}${subject}`, gsk: id ?? '' }),
  shares: (path: string, id?: string) => ({ gpk: `${listingPartitions.shares}${path}`, gsk: id ?? '' }),
  /** By the path of a page, or `agencyOwner`. */
  campaigns: (owner: string, id?: string) => ({ gpk: `${listingPartitions.campaigns}${owner}`, gsk: id ?? '' }),
  exports: (path: string, id?: string) => ({ gpk: `${listingPartitions.exports}${path}`, gsk: id ?? '' }),
  imports: (path: string, id?: string) => ({ gpk: `${listingPartitions.imports}${path}`, gsk: id ?? '' }),
  pulls: (path: string, id?: string) => ({ gpk: `${listingPartitions.pulls}${path}`, gsk: id ?? '' }),
  pullTokens: (id?: string) => ({ gpk: listingPartitions.pullTokens, gsk: id ?? '' }),
  /** Custom metrics of all pages. */
  metrics: (path?: string, id?: string) => ({
    gpk: listingPartitions.metrics,
    gsk: path === undefined ? '' : `${path} ${id ?? ''}`,
  }),
  erasures: (id?: string) => ({ gpk: listingPartitions.erasures, gsk: id ?? '' }),
} as const;
