import { createRoute } from '@hono/zod-openapi';
import { statsQuerySchema } from '#schemas/api.ts';
import { campaignMetricsSchema, campaignParamsSchema } from '#schemas/api/campaigns.ts';
import { dimensionNames } from '#schemas/dimensions.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { readCampaign } from '../reports/read-campaign.ts';
import { okResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const noFilters = Object.fromEntries(dimensionNames.map((name) => [name, true as const]));

const metrics = createRoute({
  method: 'get',
  path: '/campaigns/{id}/metrics',
  tags: ['campaigns'],
  operationId: 'getCampaignMetrics',
  summary: 'A campaign over the links that you may see',
  request: {
    params: campaignParamsSchema,
    query: statsQuerySchema.omit({ ...noFilters, tz: true }),
  },
  responses: okResponses(
    'Counts of its links, and of all of them together; by the hours of UTC',
    campaignMetricsSchema,
  ),
});

export function campaignRoutes(deps: ApiDeps, access: Access) {
  return createRouter().openapi(metrics, async (c) => {
    const user = access.user(c.var.principal);
    return c.json(await readCampaign(deps, user, c.req.valid('param').id, c.req.valid('query')), 200);
  });
}
