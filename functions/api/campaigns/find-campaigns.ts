import { agencyOwner } from '#schemas/channels.ts';
import type { Page, User } from '#schemas/catalog.ts';
import { type CampaignRecord, type Campaigns, ownerOfCampaign } from '#stores/catalog/campaigns.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { canSee, canSeeAgency } from '../access.ts';
import { forbidden, notFound } from '../problem.ts';

export interface CampaignReader {
  catalog: Pick<CatalogAdmin, 'getPage' | 'getPages' | 'listAgencyPages'>;
  campaigns: Pick<Campaigns, 'get' | 'list'>;
}

/** A campaign as a user sees it. */
export interface FoundCampaign {
  campaign: CampaignRecord;
  /** True for a creator who sees only some pages of an agency's campaign. */
  partial: boolean;
}

/**
 * Returns a campaign of which the user sees a page.
 * @throws {Problem} 404 if it does not exist or the user sees none of its pages
 */
export async function findCampaign(deps: CampaignReader, user: User, id: string): Promise<FoundCampaign> {
  const campaign = await deps.campaigns.get(id);
  if (campaign === undefined) throw notFound('Campaign');
  if (campaign.agency !== null && canSeeAgency(user, campaign.agency)) return { campaign, partial: false };
  if ((await findPages(deps, user, campaign)).length === 0) throw notFound('Campaign');
  return { campaign, partial: campaign.agency !== null };
}

/**
 * Returns a campaign that the user may change: who sees its page or its agency.
 * @throws {Problem} 403 for a creator who sees only some pages of an agency's campaign; 404
 */
export async function findOwnCampaign(deps: CampaignReader, user: User, id: string): Promise<CampaignRecord> {
  const { campaign, partial } = await findCampaign(deps, user, id);
  if (partial) throw forbidden('This campaign belongs to the agency. Only its users can change it.');
  return campaign;
}

/** Returns the pages of a campaign that the user sees, by path. */
export async function findPages(
  deps: Pick<CampaignReader, 'catalog'>,
  user: User,
  campaign: CampaignRecord,
): Promise<Page[]> {
  const own = user.role === 'creator' ? user.pages : undefined;
  return (await listPages(deps, campaign, own)).filter((page) => canSee(user, page));
}

/** Returns the pages of a campaign by path: all of them, or those of some paths. Check who may see them. */
export async function listPages(
  { catalog }: Pick<CampaignReader, 'catalog'>,
  { page, agency }: CampaignRecord,
  paths?: readonly string[],
): Promise<Page[]> {
  if (page !== null) return catalog.getPages([page]);
  const pages = await catalog.getPages(paths ?? (await catalog.listAgencyPages(agency ?? '')));
  return pages.filter((each) => each.agency === agency).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Returns the campaigns of a page and of its agency, those that begin last first. The caller must see the page. */
export async function listOfPage({ campaigns }: CampaignReader, user: User, page: Page): Promise<FoundCampaign[]> {
  const { agency } = page;
  const [own, shared] = await Promise.all([
    campaigns.list(page.path),
    agency === null ? [] : campaigns.list(agencyOwner(agency)),
  ]);
  const partial = agency !== null && !canSeeAgency(user, agency);
  return [
    ...own.map((campaign) => ({ campaign, partial: false })),
    ...shared.map((campaign) => ({ campaign, partial })),
  ].sort((a, b) => byStart(a.campaign, b.campaign));
}

export function byStart(a: CampaignRecord, b: CampaignRecord): number {
  if (a.from !== b.from) return a.from < b.from ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/**
 * Returns the UTM defaults of a new link: those of the campaign with its label, of its page before its agency's.
 * @throws {StoreUnavailable}
 */
export async function readUtmDefaults(
  { list }: Pick<Campaigns, 'list'>,
  {
    page: path,
    agency,
    campaign: label,
  }: { page: string; agency: string | null; campaign?: string | null | undefined },
): Promise<Record<string, string>> {
  if (label === undefined || label === null) return {};
  for (const owner of [{ page: path, agency: null }, ...(agency === null ? [] : [{ page: null, agency }])]) {
    const found = (await list(ownerOfCampaign(owner))).find((each) => each.label === label);
    if (found !== undefined) return found.utm;
  }
  return {};
}
