import { ulidOf } from '#core/ulid.ts';
import { pageParamsSchema } from '#schemas/api.ts';
import {
  type Funnel,
  funnelReportQuerySchema,
  funnelReportSchema,
  funnelSchema,
  funnelsSchema,
  newFunnelSchema,
} from '#schemas/api/insights/funnels.ts';
import type { Access } from '../../access.ts';
import type { ApiDeps } from '../../deps.ts';
import { readFunnel } from '../../insights/read-funnel.ts';
import { checkLimit, checkName, ownerLimits } from '../../limits.ts';
import { notFound } from '../../problem.ts';
import { wantsFresh } from '../../reports/cached-reports.ts';
import { toFunnelView } from '../../views.ts';
import { createRouter } from '../create-router.ts';
import { defineRoute } from '../define-route.ts';
import {
  changedResponses,
  createdResponses,
  idOfPageParams,
  jsonBody,
  okResponses,
  removedResponses,
} from '../responses.ts';

/** Funnels of a page, and how far its visits come in them. A share sees both if its owner says so. */
export function funnelRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listFunnels(), async (c) => {
      const { path } = await access.statistics(c.var.principal, `/${c.req.valid('param').page}`, 'funnels');
      const rows = await deps.funnels.list(path);
      return c.json({ rows: rows.toSorted((a, b) => a.name.localeCompare(b.name)).map(toFunnelView) }, 200);
    })
    .openapi(createFunnel(), async (c) => {
      const { path } = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const body = c.req.valid('json');
      const funnels = await deps.funnels.list(path);
      checkName('funnel', funnels, body.name);
      checkLimit('funnels of a page', funnels.length, ownerLimits.funnelsOfPage);
      const funnel: Funnel = { id: ulidOf(deps.now(), deps.random(16)), ...body };
      await deps.funnels.put(path, funnel);
      return c.json(toFunnelView(funnel), 201);
    })
    .openapi(putFunnel(), async (c) => {
      const { page, id } = c.req.valid('param');
      const { path } = await access.page(c.var.principal, `/${page}`);
      const funnel: Funnel = { id, ...c.req.valid('json') };
      checkName('funnel', await deps.funnels.list(path), funnel.name, id);
      if (!(await deps.funnels.replace(path, funnel))) throw notFound('Funnel');
      return c.json(toFunnelView(funnel), 200);
    })
    .openapi(removeFunnel(), async (c) => {
      const { page, id } = c.req.valid('param');
      const { path } = await access.page(c.var.principal, `/${page}`);
      if (!(await deps.funnels.remove(path, id))) throw notFound('Funnel');
      return c.body(null, 204);
    })
    .openapi(getFunnelReport(), async (c) => {
      const { page: name, id } = c.req.valid('param');
      const page = await access.statistics(c.var.principal, `/${name}`, 'funnels');
      const funnel = (await deps.funnels.list(page.path)).find((each) => each.id === id);
      if (funnel === undefined) throw notFound('Funnel');
      const query = c.req.valid('query');
      const report = await readFunnel(deps, { page, funnel: toFunnelView(funnel), query, refresh: wantsFresh(c) });
      return c.json(report, 200);
    });
}

const tags = ['funnels'];

function listFunnels() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/funnels',
    tags,
    operationId: 'listFunnels',
    summary: 'List the funnels of a page. A share link sees them if its owner says so',
    request: { params: pageParamsSchema },
    responses: okResponses('Funnels by name', funnelsSchema),
  });
}

function createFunnel() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/pages/{page}/funnels',
    tags,
    operationId: 'createFunnel',
    summary: 'Save steps under a name, for everyone who can see the page',
    request: { params: pageParamsSchema, body: jsonBody(newFunnelSchema) },
    responses: createdResponses('The funnel', funnelSchema),
  });
}

function putFunnel() {
  return defineRoute('pageUsers', {
    method: 'put',
    path: '/pages/{page}/funnels/{id}',
    tags,
    operationId: 'putFunnel',
    summary: 'Replace the name and steps of a funnel',
    request: { params: idOfPageParams, body: jsonBody(newFunnelSchema) },
    responses: changedResponses('The funnel', funnelSchema),
  });
}

function removeFunnel() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/pages/{page}/funnels/{id}',
    tags,
    operationId: 'removeFunnel',
    summary: 'Delete a funnel',
    request: { params: idOfPageParams },
    responses: removedResponses('Deleted'),
  });
}

function getFunnelReport() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/funnels/{id}/report',
    tags,
    operationId: 'getFunnelReport',
    summary: 'Get how many visits or people reached each step of a funnel, and how long it took them',
    request: { params: idOfPageParams, query: funnelReportQuerySchema },
    responses: okResponses('Steps, in total and by value', funnelReportSchema),
  });
}
