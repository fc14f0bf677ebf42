import { pageParamsSchema } from '#schemas/api.ts';
import {
  newPageSchema,
  pageChangeSchema,
  pageSettingsSchema,
  pagesQuerySchema,
  pagesSchema,
  pageViewSchema,
  peopleQuerySchema,
  peopleSchema,
  recipientRequestSchema,
  recipientSchema,
  recipientsSchema,
} from '#schemas/api/pages.ts';
import type { Page } from '#schemas/catalog.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { changeRecord } from '../conditional.ts';
import { findPages } from '../pages/list-pages.ts';
import { findPeople } from '../pages/list-people.ts';
import { askAgain, askNewRecipients, readRecipients } from '../pages/recipients.ts';
import { applyPageChange, planOrder, applySettings, storeNewPage } from '../pages/write-page.ts';
import { toListedPageView, toPageView, toSettingsView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { acceptedResponses, changedResponses, createdResponses, jsonBody, okResponses } from './responses.ts';

export function pageRoutes(deps: ApiDeps, access: Access) {
  function toView(page: Page) {
    return toPageView(page, deps.addresses);
  }

  return createRouter()
    .openapi(listPages(), async (c) => {
      const user = access.user(c.var.principal);
      const { cursor, limit, search } = c.req.valid('query');
      const { rows, next } = await findPages(deps.catalog, user, { cursor, limit, search });
      return c.json({ rows: rows.map((page) => toListedPageView(page, deps.addresses)), next }, 200);
    })
    .openapi(createPage(), async (c) => {
      const user = access.user(c.var.principal);
      const page = await storeNewPage(deps, user, c.req.valid('json'));
      access.shows(c.var.principal, { kind: 'page', id: page.path });
      return c.json(toView(page), 201);
    })
    .openapi(getPage(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(toView(page), 200);
    })
    .openapi(changePage(), async (c) => {
      const { page: name } = c.req.valid('param');
      const change = c.req.valid('json');
      const { order } = change;
      if (order) await access.page(c.var.principal, `/${name}`);
      const storeOrder = order && (await planOrder(deps, `/${name}`, order));
      const changed = await changeRecord({
        ifMatch: c.req.header('if-match'),
        read: () => access.page(c.var.principal, `/${name}`),
        toView,
        change: (page) => applyPageChange(deps, page, change),
        replace: deps.catalog.replacePage,
      });
      await storeOrder?.();
      return c.json(toView(changed), 200);
    })
    .openapi(getPageSettings(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(toSettingsView(page), 200);
    })
    .openapi(putPageSettings(), async (c) => {
      const changed = await changeRecord({
        ifMatch: c.req.header('if-match'),
        read: () => access.page(c.var.principal, `/${c.req.valid('param').page}`),
        toView: toSettingsView,
        change: (page) => applySettings(deps, page, c.req.valid('json'), access.user(c.var.principal)),
        replace: deps.catalog.replacePage,
      });
      await askNewRecipients(deps, changed);
      return c.json(toSettingsView(changed), 200);
    })
    .openapi(listPeople(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(await findPeople(deps.catalog, page, c.req.valid('query')), 200);
    })
    .openapi(listRecipients(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json({ rows: await readRecipients(deps, page) }, 200);
    })
    .openapi(askRecipient(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(await askAgain(deps, page, c.req.valid('json').address), 202);
    });
}

const tags = ['pages'];

function listPages() {
  return defineRoute('users', {
    method: 'get',
    path: '/pages',
    tags,
    operationId: 'listPages',
    summary: 'List the pages that you can see',
    request: { query: pagesQuerySchema },
    responses: okResponses('Pages by path', pagesSchema),
  });
}

function createPage() {
  return defineRoute('pageCreators', {
    method: 'post',
    path: '/pages',
    tags,
    operationId: 'createPage',
    summary: 'Create a page',
    request: { body: jsonBody(newPageSchema) },
    responses: createdResponses('The page', pageViewSchema),
  });
}

function getPage() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}',
    tags,
    operationId: 'getPage',
    summary: 'Get a page with its settings',
    request: { params: pageParamsSchema },
    responses: okResponses('The page', pageViewSchema),
  });
}

function changePage() {
  return defineRoute('pageUsers', {
    method: 'patch',
    path: '/pages/{page}',
    tags,
    operationId: 'changePage',
    summary: 'Change the title, the description, the design and the order of the links',
    request: { params: pageParamsSchema, body: jsonBody(pageChangeSchema) },
    responses: changedResponses('The page', pageViewSchema),
  });
}

function getPageSettings() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/settings',
    tags,
    operationId: 'getPageSettings',
    summary: 'Get the time zone, privacy and alert settings of a page',
    request: { params: pageParamsSchema },
    responses: okResponses('The settings', pageSettingsSchema),
  });
}

function putPageSettings() {
  return defineRoute('pageUsers', {
    method: 'put',
    path: '/pages/{page}/settings',
    tags,
    operationId: 'putPageSettings',
    summary: 'Replace the time zone, privacy and alert settings of a page',
    request: { params: pageParamsSchema, body: jsonBody(pageSettingsSchema) },
    responses: changedResponses('The settings', pageSettingsSchema),
  });
}

function listPeople() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/people',
    tags,
    operationId: 'listPeople',
    summary: 'List the creators of a page and the users of its agency',
    request: { params: pageParamsSchema, query: peopleQuerySchema },
    responses: okResponses(
      'Users without admins. A response may have fewer than `limit` and still continue',
      peopleSchema,
    ),
  });
}

function listRecipients() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/recipients',
    tags,
    operationId: 'listRecipients',
    summary: 'List the recipients of alerts, and who has confirmed',
    request: { params: pageParamsSchema },
    responses: okResponses('Recipients in the order of the settings', recipientsSchema),
  });
}

function askRecipient() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/pages/{page}/recipients',
    tags,
    operationId: 'askRecipient',
    summary: 'Ask a recipient again to confirm their address',
    request: { params: pageParamsSchema, body: jsonBody(recipientRequestSchema) },
    responses: acceptedResponses('The recipient', recipientSchema),
  });
}
