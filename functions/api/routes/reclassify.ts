import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { pageParamsSchema } from '#schemas/api.ts';
import { newRuleSchema, ruleEffectSchema, rulesSchema } from '#schemas/api/ledger.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { listRules, reclassify, removeRule } from '../pages/reclassify.ts';
import { okResponses, jsonBody, createdResponses, removedResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['reclassification'];

const list = createRoute({
  method: 'get',
  path: '/pages/{page}/reclassify',
  tags,
  operationId: 'listRules',
  summary: 'Reclassification rules of a page, newest first',
  request: { params: pageParamsSchema },
  responses: okResponses('The rules', rulesSchema),
});
const create = createRoute({
  method: 'post',
  path: '/pages/{page}/reclassify',
  tags,
  operationId: 'reclassify',
  summary: 'Preview or apply a rule: what it changes in the last 90 days; the next settle applies it',
  request: { params: pageParamsSchema, body: jsonBody(newRuleSchema) },
  responses: createdResponses('The effect, and the rule unless it is a preview', ruleEffectSchema),
});
const remove = createRoute({
  method: 'delete',
  path: '/pages/{page}/reclassify/{rule}',
  tags,
  operationId: 'removeRule',
  summary: 'Take a rule back; the next settle restores what it replaced',
  request: { params: pageParamsSchema.extend({ rule: z.string().max(64) }) },
  responses: removedResponses('Taken back'),
});

export function reclassifyRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(list, async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json({ rows: await listRules(deps, page), next: null }, 200);
    })
    .openapi(create, async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(await reclassify(deps, page, c.req.valid('json')), 201);
    })
    .openapi(remove, async (c) => {
      const { page: name, rule } = c.req.valid('param');
      await removeRule(deps, await access.page(c.var.principal, `/${name}`), rule);
      return c.body(null, 204);
    });
}
