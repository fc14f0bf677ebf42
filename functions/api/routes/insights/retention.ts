import { pageParamsSchema } from '#schemas/api.ts';
import { retentionQuerySchema, retentionSchema } from '#schemas/api/insights/retention.ts';
import type { Access } from '../../access.ts';
import type { ApiDeps } from '../../deps.ts';
import { readRetention } from '../../insights/read-retention.ts';
import type { Principal } from '../../principal.ts';
import { wantsFresh } from '../../reports/cached-reports.ts';
import { createRouter } from '../create-router.ts';
import { defineRoute } from '../define-route.ts';
import { okResponses } from '../responses.ts';

/** Who came back to a page. A share sees it if its owner says so. */
export function retentionRoutes(deps: ApiDeps, access: Access) {
  return createRouter().openapi(getRetention(), async (c) => {
    const { principal } = c.var;
    const page = await access.statistics(principal, `/${c.req.valid('param').page}`, 'retention');
    const viewer = { exact: isCreator(principal), refresh: wantsFresh(c) };
    return c.json(await readRetention(deps, page, c.req.valid('query'), viewer), 200);
  });
}

/** Small numbers are for those whose page it is, not for everyone who manages it. */
function isCreator(principal: Principal): boolean {
  return principal.kind !== 'share' && principal.user?.role === 'creator';
}

function getRetention() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/retention',
    tags: ['statistics'],
    operationId: 'getRetention',
    summary: 'Get how many people came back to a page by day, week or month, of those who agreed to an id',
    request: { params: pageParamsSchema, query: retentionQuerySchema },
    responses: okResponses('Cohorts, and how many of the page’s events have an id', retentionSchema),
  });
}
