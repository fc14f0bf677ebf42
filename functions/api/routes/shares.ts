import { z } from 'zod';
import { dashboardQuerySchema, dashboardSchema } from '#schemas/api/dashboard.ts';
import {
  createdShareSchema,
  newShareSchema,
  sharedPageSchema,
  sharesQuerySchema,
  sharesSchema,
} from '#schemas/api/shares.ts';
import type { ShareRecord } from '#stores/catalog/shares.ts';
import type { Access } from '../access.ts';
import { createCredential, formatShareToken, hashSecret } from '../credentials.ts';
import type { ApiDeps } from '../deps.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { readListing } from '../listing.ts';
import { findShare } from '../principal.ts';
import { invalidRequest, notFound, tooManyRequests } from '../problem.ts';
import { readCachedDashboard } from '../reports/cached-reports.ts';
import { pageSubject } from '../reports/subject.ts';
import { toSharedPageView, toShareView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { createdResponses, idParams, jsonBody, okResponses, removedResponses } from './responses.ts';

export function shareRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listShares(), async (c) => {
      const query = c.req.valid('query');
      const { path } = await access.page(c.var.principal, query.page);
      const listing = await readListing(query, {
        readAfter: (id, limit) => deps.shares.listAfter(path, id, limit),
        keyOf: ({ id }) => id,
        toView: toShareView,
      });
      return c.json(listing, 200);
    })
    .openapi(createShare(), async (c) => {
      const { page, label, expiresAt, extras } = c.req.valid('json');
      const { path } = await access.page(c.var.principal, page);
      checkExpiry(expiresAt, deps.now());
      const stored = await deps.shares.listAfter(path, undefined, ownerLimits.sharesOfPage);
      checkLimit('share links of a page', stored.length, ownerLimits.sharesOfPage);
      const credential = createCredential(deps.random);
      const share: ShareRecord = {
        id: credential.id,
        page: path,
        label,
        hash: hashSecret(credential.secret),
        createdAt: new Date(deps.now()).toISOString(),
        expiresAt,
        revokedAt: null,
        extras,
      };
      await deps.shares.create(share);
      access.shows(c.var.principal, { kind: 'share', id: share.id });
      return c.json({ ...toShareView(share), token: formatShareToken(credential) }, 201);
    })
    .openapi(getSharedPage(), async (c) => {
      const { principal } = c.var;
      if (principal.kind !== 'share') throw notFound('Share');
      const page = await access.statistics(principal, principal.share.page);
      return c.json(toSharedPageView(page, principal.share), 200);
    })
    .openapi(revokeShare(), async (c) => {
      const share = await deps.shares.get(c.req.valid('param').id);
      if (share === undefined) throw notFound('Share');
      await access.page(c.var.principal, share.page);
      await deps.shares.replace({ ...share, revokedAt: share.revokedAt ?? new Date(deps.now()).toISOString() });
      return c.body(null, 204);
    });
}

/** Routes that a share token in the path authorizes, without an `authorization` header. */
export function publicShareRoutes(deps: ApiDeps, access: Access) {
  return createRouter().openapi(getSharedDashboard(), async (c) => {
    const share = await findShare(deps, c.req.valid('param').token);
    const id = `share#${share.id}`;
    if (!(await deps.rate(id))) throw tooManyRequests(60);
    const page = await access.statistics({ kind: 'share', id, share }, share.page);
    return c.json(await readCachedDashboard(deps, pageSubject(page), c.req.valid('query'), false), 200);
  });
}

const tags = ['shares'];

function listShares() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/shares',
    tags,
    operationId: 'listShares',
    summary: 'List the shares of a page, including revoked and expired ones',
    request: { query: sharesQuerySchema },
    responses: okResponses('Shares, without their tokens', sharesSchema),
  });
}

function createShare() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/shares',
    tags,
    operationId: 'createShare',
    summary: 'Create a share link, which can read the statistics of one page',
    request: { body: jsonBody(newShareSchema) },
    responses: createdResponses('The share with its token, which is shown once', createdShareSchema),
  });
}

const maxDays = 366;

/** @throws {Problem} 400 for a time in the past, or more than a year away */
function checkExpiry(expiresAt: string, now: number): void {
  const at = Date.parse(expiresAt);
  if (at <= now || at > now + maxDays * 86_400_000)
    throw invalidRequest([{ field: 'expiresAt', value: expiresAt, allowed: 'in the future, within a year' }]);
}

function getSharedPage() {
  return defineRoute('share', {
    method: 'get',
    path: '/shares/current',
    tags,
    operationId: 'getSharedPage',
    summary: 'Get the page of a share link. Requires `authorization: Share <token>`',
    responses: okResponses('The shared page', sharedPageSchema),
  });
}

function revokeShare() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/shares/{id}',
    tags,
    operationId: 'revokeShare',
    summary: 'Revoke a share link immediately',
    request: { params: idParams },
    responses: removedResponses('Revoked'),
  });
}

function getSharedDashboard() {
  return defineRoute('anyone', {
    method: 'get',
    path: '/shares/{token}/dashboard',
    tags,
    operationId: 'getSharedDashboard',
    summary: 'Get the dashboard of a shared page, without an `authorization` header',
    security: [],
    request: {
      params: z.object({ token: z.string().max(128).meta({ example: 'SHARE_TOKEN' }) }),
      query: dashboardQuerySchema,
    },
    responses: okResponses('The requested parts', dashboardSchema),
  });
}
