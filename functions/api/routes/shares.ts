import type { Context } from 'hono';
import { z } from 'zod';
import { createProof } from '#core/links/unlock.ts';
import { dashboardQuerySchema, dashboardSchema } from '#schemas/api/dashboard.ts';
import {
  createdShareSchema,
  newShareSchema,
  shareChangeSchema,
  sharedPageSchema,
  shareSchema,
  sharesQuerySchema,
  sharesSchema,
  shareUnlockSchema,
  unlockedShareSchema,
} from '#schemas/api/shares.ts';
import type { ShareRecord } from '#stores/catalog/shares.ts';
import type { Access } from '../access.ts';
import { changeRecord } from '../conditional.ts';
import { createCredential, formatShareToken } from '../credentials.ts';
import type { ApiDeps, ApiEnvironment } from '../deps.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { readListing } from '../listing.ts';
import { tryPassword } from '../passwords.ts';
import { findLockedShare, findShare, shareUnlockMs } from '../principal.ts';
import { forbidden, notFound, tooManyRequests } from '../problem.ts';
import { readCachedDashboard } from '../reports/cached-reports.ts';
import { dashboardWithoutConversions, seesConversions } from '../reports/reports.ts';
import { pageSubject } from '../reports/subject.ts';
import { applyShareChange, buildShare, revoke } from '../shares/write-share.ts';
import { toSharedPageView, toShareView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { changedResponses, createdResponses, idParams, jsonBody, okResponses, removedResponses } from './responses.ts';

export function shareRoutes(deps: ApiDeps, access: Access) {
  /** @throws {Problem} 404 for a share of a page that the caller may not see */
  function changeStored(
    c: Context<ApiEnvironment, string, { out: { param: { id: string } } }>,
    change: (share: ShareRecord) => ShareRecord | Promise<ShareRecord>,
  ): Promise<ShareRecord> {
    return changeRecord({
      ifMatch: c.req.header('if-match'),
      read: async () => {
        const share = await deps.shares.get(c.req.valid('param').id);
        if (share === undefined) throw notFound('Share');
        await access.page(c.var.principal, share.page);
        return share;
      },
      toView: toShareView,
      change,
      replace: deps.shares.replace,
    });
  }
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
      const body = c.req.valid('json');
      const { path } = await access.page(c.var.principal, body.page);
      const credential = createCredential(deps.random);
      const share = await buildShare(deps, { ...body, page: path }, credential);
      const stored = await deps.shares.listAfter(path, undefined, ownerLimits.sharesOfPage);
      checkLimit('share links of a page', stored.length, ownerLimits.sharesOfPage);
      await deps.shares.create(share);
      access.shows(c.var.principal, { kind: 'share', id: share.id });
      return c.json({ ...toShareView(share), token: formatShareToken(credential) }, 201);
    })
    .openapi(changeShare(), async (c) => {
      const changed = await changeStored(c, (share) => applyShareChange(deps, share, c.req.valid('json')));
      return c.json(toShareView(changed), 200);
    })
    .openapi(getSharedPage(), async (c) => {
      const { principal } = c.var;
      if (principal.kind !== 'share') throw notFound('Share');
      const page = await access.statistics(principal, principal.share.page);
      const brand = page.agency === null ? undefined : await deps.brands.get(page.agency);
      return c.json(toSharedPageView(page, principal.share, brand), 200);
    })
    .openapi(revokeShare(), async (c) => {
      await changeStored(c, (share) => revoke(deps, share));
      return c.body(null, 204);
    });
}

/** Routes that a share token in the path or the body authorizes, without an `authorization` header. */
export function publicShareRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(getSharedDashboard(), async (c) => {
      const share = await findShare(deps, c.req.valid('param').token);
      const id = `share#${share.id}`;
      if (!(await deps.rate(id))) throw tooManyRequests(60);
      const page = await access.statistics({ kind: 'share', id, share }, share.page);
      const query = c.req.valid('query');
      const sees = seesConversions({ kind: 'share', id, share }, query);
      const dashboard = await readCachedDashboard(deps, pageSubject(page), query, false);
      return c.json(sees ? dashboard : dashboardWithoutConversions(dashboard), 200);
    })
    .openapi(unlockShare(), async (c) => {
      const { token, password } = c.req.valid('json');
      const { id, passwordHash } = await findLockedShare(deps, token);
      const expires = deps.now() + shareUnlockMs;
      const [share = '', secret = ''] = token.split('.');
      const unlocked = { token: `${share}.${secret}`, expiresAt: new Date(expires).toISOString() };
      if (passwordHash === null) return c.json(unlocked, 200);
      const attempt = await tryPassword(deps, c, { id, passwordHash }, password);
      if (attempt === 'too-many') throw tooManyRequests(60);
      if (attempt === 'wrong') throw forbidden('Wrong password.');
      return c.json({ ...unlocked, token: `${unlocked.token}.${createProof({ id, passwordHash }, expires)}` }, 200);
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

function changeShare() {
  return defineRoute('pageUsers', {
    method: 'patch',
    path: '/shares/{id}',
    tags,
    operationId: 'changeShare',
    summary: 'Change name, expiry, password, sites and extras of a share link',
    request: { params: idParams, body: jsonBody(shareChangeSchema) },
    responses: changedResponses('The share', shareSchema),
  });
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

function unlockShare() {
  return defineRoute('anyone', {
    method: 'post',
    path: '/shares/unlock',
    tags,
    operationId: 'unlockShare',
    summary: 'Give the password of a share link, which returns a token that is valid for twelve hours',
    security: [],
    request: { body: jsonBody(shareUnlockSchema) },
    responses: okResponses('The token to use from now on', unlockedShareSchema),
  });
}
