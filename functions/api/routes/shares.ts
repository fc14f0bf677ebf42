import { createRoute } from '@hono/zod-openapi';
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
import { hashSecret, newCredential, formatShareToken } from '../credentials.ts';
import { toListing, parseCursor } from '../listing.ts';
import type { ApiDeps } from '../deps.ts';
import { openShare } from '../principal.ts';
import { invalidRequest, notFound, tooManyRequests } from '../problem.ts';
import { respondWithReport } from '../reports/cached-reports.ts';
import { pageSubject } from '../reports/subject.ts';
import { okResponses, jsonBody, createdResponses, removedResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['shares'];

const list = createRoute({
  method: 'get',
  path: '/shares',
  tags,
  operationId: 'listShares',
  summary: 'Shares of a page, ended ones too',
  request: { query: sharesQuerySchema },
  responses: okResponses('Shares, without their tokens', sharesSchema),
});
const create = createRoute({
  method: 'post',
  path: '/shares',
  tags,
  operationId: 'createShare',
  summary: "Let whoever has the token read one page's numbers",
  request: { body: jsonBody(newShareSchema) },
  responses: createdResponses('The share with its token, which is shown once', createdShareSchema),
});
const revoke = createRoute({
  method: 'delete',
  path: '/shares/{id}',
  tags,
  operationId: 'revokeShare',
  summary: 'Revoke a share at once',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: removedResponses('Revoked'),
});
const current = createRoute({
  method: 'get',
  path: '/shares/current',
  tags,
  operationId: 'getSharedPage',
  summary: 'What a share opens; sent with `authorization: Share <token>`',
  responses: okResponses('The page that it opens', sharedPageSchema.meta({ id: 'SharedPage' })),
});

export function shareRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(list, async (c) => {
      const { page, cursor, limit } = c.req.valid('query');
      const { path } = await access.page(c.var.principal, page);
      const shares = await deps.shares.listAfter(path, parseCursor(cursor)[0], limit + 1);
      const { rows, next } = toListing(shares, limit, ({ id }) => id);
      return c.json({ rows: rows.map(shown), next }, 200);
    })
    .openapi(create, async (c) => {
      const body = c.req.valid('json');
      const { path } = await access.page(c.var.principal, body.page);
      checkExpiry(body.expiresAt, deps.now());
      const credential = newCredential(deps.random);
      const share: ShareRecord = {
        id: credential.id,
        page: path,
        label: body.label,
        hash: hashSecret(credential.secret),
        createdAt: new Date(deps.now()).toISOString(),
        expiresAt: body.expiresAt,
        revokedAt: null,
      };
      await deps.shares.create(share);
      return c.json({ ...shown(share), token: formatShareToken(credential) }, 201);
    })
    .openapi(current, async (c) => {
      const { principal } = c.var;
      if (principal.kind !== 'share') throw notFound();
      const page = await access.numbers(principal, principal.share.page);
      const { path, title, timeZone } = page;
      return c.json({ page: path, title, timeZone, expiresAt: principal.share.expiresAt }, 200);
    })
    .openapi(revoke, async (c) => {
      const share = await deps.shares.get(c.req.valid('param').id);
      if (share === undefined) throw notFound();
      await access.page(c.var.principal, share.page);
      await deps.shares.replace({ ...share, revokedAt: share.revokedAt ?? new Date(deps.now()).toISOString() });
      return c.body(null, 204);
    });
}

function shown({ id, page, label, createdAt, expiresAt, revokedAt }: ShareRecord) {
  return {
    id,
    page,
    label,
    createdAt,
    expiresAt,
    revokedAt,
  };
}

const longestShare = 366 * 86_400_000;

function checkExpiry(expiresAt: string, now: number): void {
  const at = Date.parse(expiresAt);
  if (at <= now || at > now + longestShare)
    throw invalidRequest([{ field: 'expiresAt', value: expiresAt, allowed: 'a moment within the next year' }]);
}

const publicDashboard = createRoute({
  method: 'get',
  path: '/shares/{token}/dashboard',
  tags,
  operationId: 'getSharedDashboard',
  summary: "A shared page's dashboard, by the token alone",
  security: [],
  request: { params: z.object({ token: z.string().max(128) }), query: dashboardQuerySchema },
  responses: okResponses('The parts that were asked for', dashboardSchema),
});

/** Open to whoever has the token: no other proof is asked for. */
export function publicShareRoutes(deps: ApiDeps, access: Access) {
  return createRouter().openapi(publicDashboard, async (c) => {
    const share = await openShare(deps, c.req.valid('param').token);
    const id = `share#${share.id}`;
    if (!(await deps.rate(id))) throw tooManyRequests(60);
    const page = await access.numbers({ kind: 'share', id, share }, share.page);
    return c.json(await respondWithReport(deps, pageSubject(page), c.req.valid('query'), false), 200);
  });
}
