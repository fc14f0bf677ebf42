import { createRoute } from '@hono/zod-openapi';
import { ledgerQuerySchema, ledgerSchema, pageParamsSchema, statsQuerySchema, statsSchema } from '#schemas/api.ts';
import { entityKeys } from '#schemas/rollup-item.ts';
import { type Access } from '../access.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { readLedger, readStats, type ReportSubject } from '../read-reports.ts';
import { answersOf } from './answers.ts';
import { newRouter } from './new-router.ts';

const stats = createRoute({
  method: 'get',
  path: '/pages/{page}/stats',
  summary: 'Views and clicks of a page over time and by country, device, browser, system and referrer',
  request: { params: pageParamsSchema, query: statsQuerySchema },
  responses: answersOf('Counts of the range', statsSchema),
});

const ledger = createRoute({
  method: 'get',
  path: '/pages/{page}/ledger',
  summary: 'What was received for a page and its links, and what became of it',
  request: { params: pageParamsSchema, query: ledgerQuerySchema },
  responses: answersOf('Received, outcomes and lost, in total and by hour or day', ledgerSchema),
});

export const pageRoutes = (dependencies: ApiDependencies, access: Access) => {
  const subjectOf = async (user: string, name: string): Promise<ReportSubject> => {
    const page = await access.page(user, `/${name}`);
    return { pk: entityKeys.page(page.path), zone: page.timeZone };
  };
  return newRouter()
    .openapi(stats, async (c) => {
      const subject = await subjectOf(c.var.subject, c.req.valid('param').page);
      return c.json(await readStats(dependencies, subject, c.req.valid('query')), 200);
    })
    .openapi(ledger, async (c) => {
      const subject = await subjectOf(c.var.subject, c.req.valid('param').page);
      return c.json(await readLedger(dependencies, subject, c.req.valid('query')), 200);
    });
};
