import { z } from 'zod';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { agenciesSchema, agencyDashboardSchema, agencyQuerySchema, brandSchema } from '#schemas/api/agencies.ts';
import type { AgencyBrand, User } from '#schemas/catalog.ts';
import type { Access } from '../access.ts';
import { changeRecord } from '../conditional.ts';
import type { ApiDeps } from '../deps.ts';
import { visiblePages } from '../pages/visible-pages.ts';
import { readAgencyPages } from '../pages/agency-dashboard.ts';
import { wantsFresh } from '../reports/cached-reports.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { toBrandView } from '../views.ts';
import { jsonBody, okResponses } from './responses.ts';

export function agencyRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listAgencies(), async (c) => {
      const user = access.user(c.var.principal);
      return c.json({ rows: user.role === 'creator' ? [] : await countPages(deps, user) }, 200);
    })
    .openapi(getAgencyDashboard(), async (c) => {
      const { id } = c.req.valid('param');
      await access.agency(c.var.principal, id);
      const { from, to } = c.req.valid('query');
      const today = localTimeOf('UTC', deps.now()).date;
      const dashboard = await readAgencyPages(deps, {
        key: [id, from ?? null, to ?? null, today],
        agency: id,
        pages: async () => deps.catalog.getPages(await deps.catalog.listAgencyPages(id)),
        dates: { from, to },
        refresh: wantsFresh(c),
      });
      return c.json(dashboard, 200);
    })
    .openapi(getBrand(), async (c) => {
      const { id } = c.req.valid('param');
      await access.agency(c.var.principal, id);
      return c.json(toShownBrand(await deps.brands.get(id)), 200);
    })
    .openapi(putBrand(), async (c) => {
      const { id } = c.req.valid('param');
      await access.agency(c.var.principal, id);
      const changed = await changeRecord({
        ifMatch: c.req.header('if-match'),
        read: () => deps.brands.get(id),
        toView: toShownBrand,
        change: (): AgencyBrand | undefined => c.req.valid('json'),
        replace: (brand, previous) => deps.brands.replace(id, brand ?? noBrand, previous),
      });
      return c.json(toShownBrand(changed), 200);
    });
}

const noBrand: AgencyBrand = { name: null, logo: null, accent: null, poweredBy: true };

function toShownBrand(brand: AgencyBrand | undefined): AgencyBrand {
  return toBrandView(brand ?? noBrand);
}

const tags = ['agencies'];

function listAgencies() {
  return defineRoute('users', {
    method: 'get',
    path: '/agencies',
    tags,
    operationId: 'listAgencies',
    summary: 'List agencies with their number of pages',
    responses: okResponses('Agencies that you can see, by id', agenciesSchema.meta({ id: 'Agencies' })),
  });
}

async function countPages({ catalog }: ApiDeps, user: User): Promise<{ id: string; pages: number }[]> {
  const counts = new Map<string, number>();
  for await (const { agency } of visiblePages(catalog, user))
    if (agency !== null) counts.set(agency, (counts.get(agency) ?? 0) + 1);
  return [...counts].map(([id, pages]) => ({ id, pages })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function getAgencyDashboard() {
  return defineRoute('agencyUsers', {
    method: 'get',
    path: '/agencies/{id}/dashboard',
    tags,
    operationId: 'getAgencyDashboard',
    summary: 'Get totals, change, sparkline and alerts of all pages of an agency',
    request: { params: agencyParams, query: agencyQuerySchema },
    responses: okResponses('Pages, most clicks first', agencyDashboardSchema),
  });
}

const agencyParams = z.object({ id: z.string().min(1).max(128) });

function getBrand() {
  return defineRoute('agencyUsers', {
    method: 'get',
    path: '/agencies/{id}/brand',
    tags,
    operationId: 'getBrand',
    summary: 'Get the name, logo and color that shares and mails of an agency show',
    request: { params: agencyParams },
    responses: okResponses('The white label', brandSchema),
  });
}

function putBrand() {
  return defineRoute('agencyUsers', {
    method: 'put',
    path: '/agencies/{id}/brand',
    tags,
    operationId: 'putBrand',
    summary: 'Replace the name, logo and color that shares and mails of an agency show',
    request: { params: agencyParams, body: jsonBody(brandSchema) },
    responses: okResponses('The white label', brandSchema),
  });
}
