import { createRoute } from '@hono/zod-openapi';
import { ledgerQuerySchema, ledgerSchema, linkParamsSchema, statsQuerySchema, statsSchema } from '#schemas/api.ts';
import { entityKeys } from '#schemas/rollup-item.ts';
import { type Access } from '../access.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { readLedger, readStats, type ReportSubject } from '../read-reports.ts';
import { answersOf } from './answers.ts';
import { newRouter } from './new-router.ts';

const stats = createRoute({
  method: 'get',
  path: '/links/{code}/stats',
  summary: 'Clicks of a link over time and by country, device, browser, system and referrer',
  request: { params: linkParamsSchema, query: statsQuerySchema },
  responses: answersOf('Counts of the range', statsSchema),
});

const ledger = createRoute({
  method: 'get',
  path: '/links/{code}/ledger',
  summary: 'What was received for a link and what became of it',
  request: { params: linkParamsSchema, query: ledgerQuerySchema },
  responses: answersOf('Received, outcomes and lost, in total and by hour or day', ledgerSchema),
});

export const linkRoutes = (dependencies: ApiDependencies, access: Access) => {
  const subjectOf = async (user: string, code: string): Promise<ReportSubject> => {
    const { link, page } = await access.link(user, code);
    return { pk: entityKeys.link(link.code), zone: page.timeZone };
  };
  return newRouter()
    .openapi(stats, async (c) => {
      const subject = await subjectOf(c.var.subject, c.req.valid('param').code);
      return c.json(await readStats(dependencies, subject, c.req.valid('query')), 200);
    })
    .openapi(ledger, async (c) => {
      const subject = await subjectOf(c.var.subject, c.req.valid('param').code);
      return c.json(await readLedger(dependencies, subject, c.req.valid('query')), 200);
    });
};
