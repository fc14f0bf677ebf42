import { normalizeLabel } from '#schemas/catalog-rules.ts';
import { z } from 'zod';
import { campaignGoals } from '#schemas/api/insights/campaigns.ts';
import { agencyOwner } from '#schemas/channels.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, exists, isNew, type Item, type TableOptions } from '../dynamodb/table.ts';
import { AlreadyExists } from '../errors.ts';
import { isUnchanged } from './link-codes.ts';

export const campaignRecordSchema = z.object({
  id: z.string(),
  /** The page of its links; null: they are on pages of the agency. */
  page: z.string().nullable(),
  agency: z.string().nullable(),
  name: z.string(),
  /** The `campaign` of its links. */
  label: z.string().overwrite(normalizeLabel),
  /** Local dates of the page of each link, both included. */
  from: z.string(),
  to: z.string(),
  /** Defaults of new links. */
  utm: z.record(z.string(), z.string()).default({}),
  budget: z.object({ minor: z.number(), currency: z.string() }).nullable().default(null),
  goal: z
    .object({ of: z.enum(campaignGoals), target: z.number() })
    .nullable()
    .default(null),
  /** Id of a custom metric of the page, as the main number. */
  metric: z.string().nullable().default(null),
  note: z.string().default(''),
  /** Anyone with its address sees its public page. */
  public: z.boolean().default(false),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
/** A campaign: dates, budget and goal of the links with a label, on one page or on the pages of an agency. */
export type CampaignRecord = z.infer<typeof campaignRecordSchema>;

export interface Campaigns {
  get: (id: string) => Promise<CampaignRecord | undefined>;
  create: (campaign: CampaignRecord) => Promise<void>;
  /** Returns false if the stored campaign is no longer `previous`. */
  replace: (campaign: CampaignRecord, previous: CampaignRecord) => Promise<boolean>;
  /** Returns false if it does not exist. */
  remove: (id: string) => Promise<boolean>;
  /** Returns all campaigns of a page or an agency, by {@link ownerOfCampaign}, oldest first. */
  list: (owner: string) => Promise<CampaignRecord[]>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createCampaigns(options: TableOptions): Campaigns {
  const table = createTable(options);
  return {
    get: async (id) => {
      const item = await table.get(catalogKeys.campaign(id));
      return item && parseItem(campaignRecordSchema, item);
    },
    create: async (campaign) => {
      if (!(await table.putIf(buildItem(campaign), isNew)))
        throw new AlreadyExists(`campaign ${campaign.id} exists already`);
    },
    replace: (campaign, previous) => table.putIf(buildItem(campaign), isUnchanged(previous)),
    remove: (id) => table.deleteIf(catalogKeys.campaign(id), exists),
    list: async (owner) => {
      const items = await table.listAll(listingKeys.campaigns(owner));
      return items.map((item) => parseItem(campaignRecordSchema, item));
    },
  };
}

/** Returns the path of the page, or {@link agencyOwner}. */
export function ownerOfCampaign({ page, agency }: Pick<CampaignRecord, 'page' | 'agency'>): string {
  return page ?? agencyOwner(agency ?? '');
}

function buildItem(campaign: CampaignRecord): Item {
  return toItem({
    ...campaign,
    ...catalogKeys.campaign(campaign.id),
    ...listingKeys.campaigns(ownerOfCampaign(campaign), campaign.id),
  });
}
