import { createRoute } from '@hono/zod-openapi';
import { pageParamsSchema } from '#schemas/api.ts';
import {
  newPageSchema,
  pageChangeSchema,
  pageSettingsSchema,
  pagesQuerySchema,
  pagesSchema,
} from '#schemas/api/pages.ts';
import { pageSchema } from '#schemas/catalog.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { listPages } from '../pages/list-pages.ts';
import { changePage, createPage, readSettings, storeSettings } from '../pages/write-page.ts';
import { okResponses, jsonBody, createdResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['pages'];
const page = pageSchema.meta({ id: 'Page' });

const list = createRoute({
  method: 'get',
  path: '/pages',
  tags,
  operationId: 'listPages',
  summary: 'Pages that you may see',
  request: { query: pagesQuerySchema },
  responses: okResponses('Pages by path', pagesSchema),
});
const create = createRoute({
  method: 'post',
  path: '/pages',
  tags,
  operationId: 'createPage',
  summary: 'Create a page: admins anywhere, agencies their own',
  request: { body: jsonBody(newPageSchema) },
  responses: createdResponses('The page', page),
});
const get = createRoute({
  method: 'get',
  path: '/pages/{page}',
  tags,
  operationId: 'getPage',
  summary: 'A page with its settings',
  request: { params: pageParamsSchema },
  responses: okResponses('The page', page),
});
const change = createRoute({
  method: 'patch',
  path: '/pages/{page}',
  tags,
  operationId: 'changePage',
  summary: 'Change title, description and the order of links',
  request: { params: pageParamsSchema, body: jsonBody(pageChangeSchema) },
  responses: okResponses('The page', page),
});
const getSettings = createRoute({
  method: 'get',
  path: '/pages/{page}/settings',
  tags,
  operationId: 'getPageSettings',
  summary: 'Time zone, privacy and alerts of a page',
  request: { params: pageParamsSchema },
  responses: okResponses('The settings', pageSettingsSchema.meta({ id: 'PageSettings' })),
});
const putSettings = createRoute({
  method: 'put',
  path: '/pages/{page}/settings',
  tags,
  operationId: 'putPageSettings',
  summary: 'Replace time zone, privacy and alerts of a page',
  request: { params: pageParamsSchema, body: jsonBody(pageSettingsSchema) },
  responses: okResponses('The settings', pageSettingsSchema.meta({ id: 'PageSettings' })),
});

export function pageRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(list, async (c) => {
      const user = access.user(c.var.principal);
      const { cursor, limit, search } = c.req.valid('query');
      return c.json(await listPages(deps.catalog, user, { cursor, limit, search }), 200);
    })
    .openapi(create, async (c) => {
      const user = access.user(c.var.principal);
      return c.json(await createPage(deps, user, c.req.valid('json')), 201);
    })
    .openapi(get, async (c) => {
      return c.json(await access.page(c.var.principal, `/${c.req.valid('param').page}`), 200);
    })
    .openapi(change, async (c) => {
      const found = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(await changePage(deps, found, c.req.valid('json')), 200);
    })
    .openapi(getSettings, async (c) => {
      return c.json(readSettings(await access.page(c.var.principal, `/${c.req.valid('param').page}`)), 200);
    })
    .openapi(putSettings, async (c) => {
      const found = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(readSettings(await storeSettings(deps, found, c.req.valid('json'))), 200);
    });
}
