import { linkParamsSchema, pageParamsSchema } from '#schemas/api.ts';
import { importResultSchema, newImportSchema } from '#schemas/api/imports.ts';
import {
  linkChangeSchema,
  linkClicksLimits,
  linkClicksQuerySchema,
  linkClicksSchema,
  linkIconsQuerySchema,
  linkIconsSchema,
  linkPreviewQuerySchema,
  linkPreviewSchema,
  linksQuerySchema,
  linksSchema,
  linkViewSchema,
  newLinkSchema,
} from '#schemas/api/links.ts';
import type { Link } from '#schemas/catalog.ts';
import { countDates, type DateSpan } from '#core/stats/period.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { changeRecord } from '../conditional.ts';
import { importFile } from '../links/import-links.ts';
import { previewLink, readIcons } from '../links/preview-link.ts';
import { findLinks } from '../links/list-links.ts';
import { applyLinkChange, storeNewLink } from '../links/write-link.ts';
import { invalidRequest, notFound } from '../problem.ts';
import { readLinkClicks } from '../reports/read-link-clicks.ts';
import { toLinkView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { changedResponses, createdResponses, jsonBody, okResponses, removedResponses } from './responses.ts';

export function linkRoutes(deps: ApiDeps, access: Access) {
  function toView(link: Link) {
    return toLinkView(link, deps.addresses);
  }

  return createRouter()
    .openapi(listLinks(), async (c) => {
      const { page, cursor, limit, ...filters } = c.req.valid('query');
      const user = access.user(c.var.principal);
      if (page !== undefined) await access.page(c.var.principal, page);
      const { rows, next } = await findLinks(deps.catalog, user, { page, filters, cursor, limit });
      return c.json({ rows: rows.map(toView), next }, 200);
    })
    .openapi(getLinkClicks(), async (c) => {
      const { codes, from, to } = c.req.valid('query');
      const { path, timeZone } = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const links = (await deps.catalog.getLinks(codes.split(','))).filter((link) => link.page === path);
      return c.json({ rows: await readLinkClicks(deps, links, { timeZone, dates: parseDates(from, to) }) }, 200);
    })
    .openapi(getLinkPreview(), async (c) => {
      access.user(c.var.principal);
      return c.json(await previewLink(deps, c.var.principal.id, c.req.valid('query').url), 200);
    })
    .openapi(getLinkIcons(), async (c) => {
      access.user(c.var.principal);
      return c.json({ rows: await readIcons(deps, c.var.principal.id, c.req.valid('query').hosts.split(',')) }, 200);
    })
    .openapi(createLink(), async (c) => {
      const body = c.req.valid('json');
      await access.page(c.var.principal, body.page);
      const user = access.user(c.var.principal);
      return c.json(toView(await storeNewLink(deps, user, body)), 201);
    })
    .openapi(getLink(), async (c) => {
      const { link } = await access.link(c.var.principal, c.req.valid('param').code);
      return c.json(toView(link), 200);
    })
    .openapi(changeLink(), async (c) => {
      const { code } = c.req.valid('param');
      const changed = await changeRecord({
        ifMatch: c.req.header('if-match'),
        read: async () => (await access.link(c.var.principal, code)).link,
        toView,
        change: (link) => applyLinkChange({ ...deps, user: access.user(c.var.principal) }, link, c.req.valid('json')),
        replace: deps.catalog.replaceLink,
      });
      return c.json(toView(changed), 200);
    })
    .openapi(removeLink(), async (c) => {
      const { code } = c.req.valid('param');
      await changeRecord({
        ifMatch: c.req.header('if-match'),
        read: async () => (await access.link(c.var.principal, code)).link,
        toView,
        change: (link) => link,
        replace: (link) => deps.catalog.deleteLink(link, new Date(deps.now()).toISOString()),
      });
      return c.body(null, 204);
    })
    .openapi(releaseCode(), async (c) => {
      access.admin(c.var.principal);
      if ((await deps.catalog.releaseCode(c.req.valid('param').code)) === undefined) throw notFound('Reservation');
      return c.body(null, 204);
    })
    .openapi(importLinks(), async (c) => {
      const user = access.user(c.var.principal);
      const result = await importFile(deps, user, c.req.valid('json'));
      for (const { page } of result.sample) access.shows(c.var.principal, { kind: 'page', id: page });
      return c.json(result, 201);
    });
}

const tags = ['links'];

function listLinks() {
  return defineRoute('users', {
    method: 'get',
    path: '/links',
    tags,
    operationId: 'listLinks',
    summary: 'List the links of one page, or of all pages that you can see',
    request: { query: linksQuerySchema },
    responses: okResponses('Links by page and code', linksSchema),
  });
}

/** @throws {Problem} 400 for too many days */
function parseDates(from: string, to: string): DateSpan {
  const days = countDates({ first: from, last: to });
  if (days < 1 || days > linkClicksLimits.days)
    throw invalidRequest([{ field: 'to', value: to, allowed: `1 to ${linkClicksLimits.days} days from ${from} on` }]);
  return { first: from, last: to };
}

function getLinkClicks() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/link-clicks',
    tags,
    operationId: 'getLinkClicks',
    summary: 'Get the clicks of links by day, settled and live',
    request: { params: pageParamsSchema, query: linkClicksQuerySchema },
    responses: okResponses('Clicks of the links that exist', linkClicksSchema),
  });
}

function getLinkPreview() {
  return defineRoute('users', {
    method: 'get',
    path: '/link-preview',
    tags,
    operationId: 'getLinkPreview',
    summary: 'Read the title and the card of a destination, and get codes that are free',
    request: { query: linkPreviewQuerySchema },
    responses: okResponses('What the page says of itself', linkPreviewSchema),
  });
}

function getLinkIcons() {
  return defineRoute('users', {
    method: 'get',
    path: '/link-icons',
    tags,
    operationId: 'getLinkIcons',
    summary: 'Get the icons of sites. They are kept for a day',
    request: { query: linkIconsQuerySchema },
    responses: okResponses('One row for each host', linkIconsSchema),
  });
}

function createLink() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/links',
    tags,
    operationId: 'createLink',
    summary: 'Create a link',
    request: { body: jsonBody(newLinkSchema) },
    responses: createdResponses('The link', linkViewSchema),
  });
}

function getLink() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/links/{code}',
    tags,
    operationId: 'getLink',
    summary: 'Get a link',
    request: { params: linkParamsSchema },
    responses: okResponses('The link', linkViewSchema),
  });
}

function changeLink() {
  return defineRoute('pageUsers', {
    method: 'patch',
    path: '/links/{code}',
    tags,
    operationId: 'changeLink',
    summary: 'Change a link. Redirects follow within a minute',
    request: { params: linkParamsSchema, body: jsonBody(linkChangeSchema) },
    responses: changedResponses('The link', linkViewSchema),
  });
}

function removeLink() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/links/{code}',
    tags,
    operationId: 'removeLink',
    summary: 'Delete a link. Its page keeps the statistics, and its code stays reserved for the page',
    request: { params: linkParamsSchema },
    responses: removedResponses('Deleted'),
  });
}

function releaseCode() {
  return defineRoute('admins', {
    method: 'delete',
    path: '/links/{code}/reservation',
    tags,
    operationId: 'releaseCode',
    summary:
      "Release the code of a deleted link, so that any page can use it. The next link doesn't get its statistics",
    request: { params: linkParamsSchema },
    responses: removedResponses('Released'),
  });
}

function importLinks() {
  return defineRoute('users', {
    method: 'post',
    path: '/imports',
    tags,
    operationId: 'importLinks',
    summary: 'Create links from a file of Hopcount or another tool. Invalid rows are reported; the others are written',
    request: { body: jsonBody(newImportSchema) },
    responses: createdResponses('Number of links written, and each refused row with the reason', importResultSchema),
  });
}
