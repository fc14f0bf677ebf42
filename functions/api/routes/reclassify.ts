import { z } from 'zod';
import { pageParamsSchema } from '#schemas/api.ts';
import { newRuleSchema, ruleEffectSchema, rulesSchema } from '#schemas/api/ledger.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { applyRule, findRules, markRuleRemoved } from '../pages/reclassify.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { createdResponses, jsonBody, okResponses, removedResponses } from './responses.ts';

export function reclassifyRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listRules(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json({ rows: await findRules(deps, page), next: null }, 200);
    })
    .openapi(reclassify(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(await applyRule(deps, page, c.req.valid('json')), 201);
    })
    .openapi(removeRule(), async (c) => {
      const { page: name, rule } = c.req.valid('param');
      await markRuleRemoved(deps, await access.page(c.var.principal, `/${name}`), rule);
      return c.body(null, 204);
    });
}

const tags = ['reclassification'];

function listRules() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/reclassify',
    tags,
    operationId: 'listRules',
    summary: 'List the reclassification rules of a page, newest first',
    request: { params: pageParamsSchema },
    responses: okResponses('The rules', rulesSchema),
  });
}

function reclassify() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/pages/{page}/reclassify',
    tags,
    operationId: 'reclassify',
    summary: 'Preview a rule, or create it. The next settle applies it',
    request: { params: pageParamsSchema, body: jsonBody(newRuleSchema) },
    responses: createdResponses(
      'The effect on the last 90 days, and the rule unless it is a preview',
      ruleEffectSchema,
    ),
  });
}

function removeRule() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/pages/{page}/reclassify/{rule}',
    tags,
    operationId: 'removeRule',
    summary: 'Remove a rule. The next settle restores the original outcomes',
    request: { params: pageParamsSchema.extend({ rule: z.string().max(64).meta({ example: 'r4hw0z1' }) }) },
    responses: removedResponses('Removed'),
  });
}
