import { createRoute } from '@hono/zod-openapi';
import { meSchema, problemSchema } from '#schemas/api.ts';
import type { Access } from '../access.ts';
import { answersOf } from './answers.ts';
import { newRouter } from './new-router.ts';

const { 400: _, 404: __, ...answers } = answersOf('The signed-in user', meSchema);

const me = createRoute({
  method: 'get',
  path: '/me',
  summary: 'Who the token belongs to, and what they may see',
  responses: {
    ...answers,
    403: {
      description: 'Signed in, but not invited',
      content: { 'application/problem+json': { schema: problemSchema } },
    },
  },
});

export const meRoutes = (access: Access) =>
  newRouter().openapi(me, async (c) => {
    const { subject, email, role, agency, pages } = await access.user(c.var.subject);
    return c.json({ subject, email, role, agency, pages }, 200);
  });
