import { meSchema } from '#schemas/api.ts';
import type { Access } from '../access.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { okResponses } from './responses.ts';

export function meRoutes(access: Access) {
  return createRouter().openapi(getMe(), (c) => {
    const { subject, email, role, agency, pages } = access.user(c.var.principal);
    return c.json({ subject, email, role, agency, pages }, 200);
  });
}

function getMe() {
  return defineRoute('users', {
    method: 'get',
    path: '/me',
    tags: ['account'],
    operationId: 'getMe',
    summary: 'Get the signed-in user and their role',
    responses: okResponses('The user', meSchema),
  });
}
