import { createRoute } from '@hono/zod-openapi';
import { ledgerQuerySchema, ledgerSchema, linkParamsSchema, statsQuerySchema, statsSchema } from '#schemas/api.ts';
import { dashboardQuerySchema, dashboardSchema } from '#schemas/api/dashboard.ts';
import { importResultSchema, newImportSchema } from '#schemas/api/imports.ts';
import { linkChangeSchema, linksQuerySchema, linksSchema, newLinkSchema } from '#schemas/api/links.ts';
import { linkSchema } from '#schemas/catalog.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { importLinks } from '../links/import-links.ts';
import { listLinks } from '../links/list-links.ts';
import { changeLink, createLink } from '../links/write-link.ts';
import type { Principal } from '../principal.ts';
import { respondWithReport, wantsFresh } from '../reports/cached-reports.ts';
import { reportLedger, reportStats } from '../reports/reports.ts';
import { linkSubject, type ReportSubject } from '../reports/subject.ts';
import { okResponses, jsonBody, createdResponses, removedResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

export function linkRoutes(deps: ApiDeps, access: Access) {
  return createRouter().route('/', editRoutes(deps, access)).route('/', reportRoutes(deps, access));
}

const tags = ['links'];

const link = linkSchema.meta({ id: 'Link' });

const list = createRoute({
  method: 'get',
  path: '/links',
  tags,
  operationId: 'listLinks',
  summary: 'Links of one page, or of all pages that you may see',
  request: { query: linksQuerySchema },
  responses: okResponses('Links by page and code', linksSchema),
});

const create = createRoute({
  method: 'post',
  path: '/links',
  tags,
  operationId: 'createLink',
  summary: 'Create a link; without a code one is made',
  request: { body: jsonBody(newLinkSchema) },
  responses: createdResponses('The link', link),
});

const get = createRoute({
  method: 'get',
  path: '/links/{code}',
  tags,
  operationId: 'getLink',
  summary: 'A link with its rules',
  request: { params: linkParamsSchema },
  responses: okResponses('The link', link),
});

const change = createRoute({
  method: 'patch',
  path: '/links/{code}',
  tags,
  operationId: 'changeLink',
  summary: 'Change a link; redirects follow within a minute',
  request: { params: linkParamsSchema, body: jsonBody(linkChangeSchema) },
  responses: okResponses('The link', link),
});

const remove = createRoute({
  method: 'delete',
  path: '/links/{code}',
  tags,
  operationId: 'removeLink',
  summary: 'Delete a link; its numbers stay with its page',
  request: { params: linkParamsSchema },
  responses: removedResponses('Deleted'),
});

const imports = createRoute({
  method: 'post',
  path: '/imports',
  tags,
  operationId: 'importLinks',
  summary: 'Create links from CSV; a refused row is named and the others are written',
  request: { body: jsonBody(newImportSchema) },
  responses: createdResponses('What was written, and what was not and why', importResultSchema),
});

function editRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(list, async (c) => {
      const query = c.req.valid('query');
      const user = access.user(c.var.principal);
      if (query.page !== undefined) await access.page(c.var.principal, query.page);
      const request = { page: query.page, search: query.search, cursor: query.cursor, limit: query.limit };
      return c.json(await listLinks(deps.catalog, user, request), 200);
    })
    .openapi(create, async (c) => {
      const body = c.req.valid('json');
      await access.page(c.var.principal, body.page);
      return c.json(await createLink(deps, body), 201);
    })
    .openapi(get, async (c) => {
      const found = await access.link(c.var.principal, c.req.valid('param').code);
      return c.json(found.link, 200);
    })
    .openapi(change, async (c) => {
      const found = await access.link(c.var.principal, c.req.valid('param').code);
      return c.json(await changeLink(deps, found.link, c.req.valid('json')), 200);
    })
    .openapi(remove, async (c) => {
      const found = await access.link(c.var.principal, c.req.valid('param').code);
      await deps.catalog.deleteLink(found.link.code);
      return c.body(null, 204);
    })
    .openapi(imports, async (c) => {
      const user = access.user(c.var.principal);
      return c.json(await importLinks(deps, user, c.req.valid('json')), 201);
    });
}

const stats = createRoute({
  method: 'get',
  path: '/links/{code}/stats',
  tags,
  operationId: 'getLinkStats',
  summary: 'Clicks of a link over time and by country, device, browser, system and referrer',
  request: { params: linkParamsSchema, query: statsQuerySchema },
  responses: okResponses('Counts of the range', statsSchema),
});

const ledger = createRoute({
  method: 'get',
  path: '/links/{code}/ledger',
  tags,
  operationId: 'getLinkLedger',
  summary: 'What was received for a link and what became of it',
  request: { params: linkParamsSchema, query: ledgerQuerySchema },
  responses: okResponses('Received, outcomes and lost, in total and by hour or day', ledgerSchema),
});

const dashboard = createRoute({
  method: 'get',
  path: '/links/{code}/dashboard',
  tags,
  operationId: 'getLinkDashboard',
  summary: 'Everything of a link in one answer; each part fails alone',
  request: { params: linkParamsSchema, query: dashboardQuerySchema },
  responses: okResponses('The parts that were asked for', dashboardSchema),
});

function reportRoutes(deps: ApiDeps, access: Access) {
  async function subjectOf(principal: Principal, code: string): Promise<ReportSubject> {
    const found = await access.link(principal, code);
    return linkSubject(found.link, found.page);
  }
  return createRouter()
    .openapi(stats, async (c) => {
      const subject = await subjectOf(c.var.principal, c.req.valid('param').code);
      return c.json(await reportStats(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(ledger, async (c) => {
      const subject = await subjectOf(c.var.principal, c.req.valid('param').code);
      return c.json(await reportLedger(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(dashboard, async (c) => {
      const subject = await subjectOf(c.var.principal, c.req.valid('param').code);
      return c.json(await respondWithReport(deps, subject, c.req.valid('query'), wantsFresh(c)), 200);
    });
}
