import { readCurrency } from '#core/money.ts';
import { ulidOf } from '#core/ulid.ts';
import type { CampaignChange, NewCampaign } from '#schemas/api/insights/campaigns.ts';
import { type CampaignRecord, ownerOfCampaign } from '#stores/catalog/campaigns.ts';
import { updatedAfter } from '../conditional.ts';
import type { ApiDeps } from '../deps.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { checkMetricOf } from './campaign-metric.ts';
import { conflict, invalidRequest } from '../problem.ts';

type Deps = Pick<ApiDeps, 'campaigns' | 'metrics' | 'now' | 'random'>;

/**
 * Stores a campaign. The caller must see its page or its agency.
 * @throws {Problem} 400 for an unknown currency or metric, 409 for a label that another campaign of the owner has, or too many
 */
export async function storeNewCampaign(deps: Deps, { page, agency, ...fields }: NewCampaign): Promise<CampaignRecord> {
  const owner = { page: page ?? null, agency: agency ?? null };
  checkBudget(fields);
  checkGoal(fields);
  await checkMetricOf(deps, { ...owner, ...fields });
  const others = await deps.campaigns.list(ownerOfCampaign(owner));
  checkLabel(fields, others);
  checkLimit('campaigns', others.length, ownerLimits.campaignsOfOwner);
  const createdAt = new Date(deps.now()).toISOString();
  const id = ulidOf(deps.now(), deps.random(16));
  const campaign = { id, ...owner, ...fields, createdAt, updatedAt: createdAt };
  await deps.campaigns.create(campaign);
  return campaign;
}

/** Returns the changed campaign. @throws {Problem} as {@link storeNewCampaign} */
export async function applyCampaignChange(
  deps: Deps,
  campaign: CampaignRecord,
  change: CampaignChange,
): Promise<CampaignRecord> {
  checkBudget(change);
  checkGoal(change);
  // One that was deleted since may stay.
  if (change.metric !== campaign.metric) await checkMetricOf(deps, { ...campaign, ...change });
  const others = await deps.campaigns.list(ownerOfCampaign(campaign));
  checkLabel(
    change,
    others.filter(({ id }) => id !== campaign.id),
  );
  return { ...campaign, ...change, updatedAt: updatedAfter(campaign, deps.now()) };
}

function checkGoal({ goal, metric }: Pick<CampaignChange, 'goal' | 'metric'>): void {
  if (goal === null) return;
  if (goal.of === 'metric' && metric === null)
    throw invalidRequest([{ field: 'goal.of', value: goal.of, allowed: 'clicks or conversions without a `metric`' }]);
  if (goal.of !== 'metric' && !Number.isInteger(goal.target))
    throw invalidRequest([{ field: 'goal.target', value: String(goal.target), allowed: 'a whole number' }]);
}

function checkBudget({ budget }: Pick<CampaignChange, 'budget'>): void {
  if (budget !== null && readCurrency(budget.currency) === undefined)
    throw invalidRequest([{ field: 'budget.currency', value: budget.currency, allowed: 'a code of ISO 4217' }]);
}

/** A new link gets the defaults of the campaign with its label, so there is one. */
function checkLabel({ label }: Pick<CampaignChange, 'label'>, others: readonly CampaignRecord[]): void {
  const taken = others.find((other) => other.label === label);
  if (taken === undefined) return;
  throw conflict(`The campaign “${taken.name}” has the label \`${label}\` already.`, [
    { field: 'label', value: label, allowed: 'a label that no other campaign has' },
  ]);
}
