import { rangeQuerySchema } from '#schemas/api.ts';
import { campaignMetricsSchema, campaignParamsSchema } from '#schemas/api/campaigns.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { readCampaign } from '../reports/read-campaign.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { okResponses } from './responses.ts';

export function campaignRoutes(deps: ApiDeps, access: Access) {
  return createRouter().openapi(getCampaignMetrics(), async (c) => {
    const user = access.user(c.var.principal);
    return c.json(await readCampaign(deps, user, c.req.valid('param').id, c.req.valid('query')), 200);
  });
}

function getCampaignMetrics() {
  return defineRoute('users', {
    method: 'get',
    path: '/campaigns/{id}/metrics',
    tags: ['campaigns'],
    operationId: 'getCampaignMetrics',
    summary: 'Get the statistics of a campaign, over the links that you can see',
    request: { params: campaignParamsSchema, query: rangeQuerySchema.omit({ tz: true }) },
    responses: okResponses('Clicks per link and overall statistics; hours and days are in UTC', campaignMetricsSchema),
  });
}
