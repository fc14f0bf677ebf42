import { localTimeOf } from '#core/enrich/local-time.ts';
import { homeQuerySchema, homeSchema } from '#schemas/api/agencies.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { findOwnPages } from '../pages/list-pages.ts';
import { readAgencyPages } from '../pages/agency-dashboard.ts';
import { wantsFresh } from '../reports/cached-reports.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { okResponses } from './responses.ts';

export function homeRoutes(deps: ApiDeps, access: Access) {
  return createRouter().openapi(getHome(), async (c) => {
    const user = access.user(c.var.principal);
    const { from, to, cursor, limit } = c.req.valid('query');
    const { rows, next } = await findOwnPages(deps.catalog, user, { cursor, limit });
    const today = localTimeOf('UTC', deps.now()).date;
    // The numbers of the same pages are the same for every user.
    const key = ['home', rows.map(({ path }) => path), from ?? null, to ?? null, today];
    const { agency: _none, ...home } = await readAgencyPages(deps, {
      key,
      agency: '',
      pages: async () => rows,
      dates: { from, to },
      refresh: wantsFresh(c),
    });
    return c.json({ ...home, next }, 200);
  });
}

function getHome() {
  return defineRoute('users', {
    method: 'get',
    path: '/home',
    tags: ['account'],
    operationId: 'getHome',
    summary: 'Get your pages with totals, change, sparkline, recent events and alerts',
    request: { query: homeQuerySchema },
    responses: okResponses(
      'Pages by path, those with the most clicks first among them; without pages of the stack itself',
      homeSchema,
    ),
  });
}
