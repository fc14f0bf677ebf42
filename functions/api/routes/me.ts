import { createRoute } from '@hono/zod-openapi';
import { meSchema } from '#schemas/api.ts';
import type { Access } from '../access.ts';
import { okResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const me = createRoute({
  method: 'get',
  path: '/me',
  operationId: 'getMe',
  summary: 'Who the token belongs to, and what they may see',
  responses: okResponses('The signed-in user', meSchema),
});

export function meRoutes(access: Access) {
  return createRouter().openapi(me, (c) => {
    const { subject, email, role, agency, pages } = access.user(c.var.principal);
    return c.json({ subject, email, role, agency, pages }, 200);
  });
}
