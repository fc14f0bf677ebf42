import { createRoute } from '@hono/zod-openapi';
import { ledgerQuerySchema, ledgerSchema, pageParamsSchema, statsQuerySchema, statsSchema } from '#schemas/api.ts';
import { dashboardQuerySchema, dashboardSchema } from '#schemas/api/dashboard.ts';
import { ledgerExamplesQuerySchema, ledgerExamplesSchema } from '#schemas/api/ledger.ts';
import { realtimeSchema } from '#schemas/api/realtime.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import type { Principal } from '../principal.ts';
import { respondWithReport, wantsFresh } from '../reports/cached-reports.ts';
import { readExamples } from '../reports/read-examples.ts';
import { readRealtime } from '../reports/read-realtime.ts';
import { reportLedger, reportStats } from '../reports/reports.ts';
import { pageSubject, type ReportSubject } from '../reports/subject.ts';
import { okResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['numbers of a page'];

const stats = createRoute({
  method: 'get',
  path: '/pages/{page}/stats',
  tags,
  operationId: 'getPageStats',
  summary: 'Views and clicks of a page over time and by country, device, browser, system and referrer',
  request: { params: pageParamsSchema, query: statsQuerySchema },
  responses: okResponses('Counts of the range', statsSchema),
});
const ledger = createRoute({
  method: 'get',
  path: '/pages/{page}/ledger',
  tags,
  operationId: 'getPageLedger',
  summary: 'What was received for a page and its links, and what became of it',
  request: { params: pageParamsSchema, query: ledgerQuerySchema },
  responses: okResponses('Received, outcomes and lost, in total and by hour or day', ledgerSchema),
});
const examples = createRoute({
  method: 'get',
  path: '/pages/{page}/ledger/examples',
  tags,
  operationId: 'getLedgerExamples',
  summary: 'Why events were not counted: what those of one outcome have in common',
  request: { params: pageParamsSchema, query: ledgerExamplesQuerySchema },
  responses: okResponses('Settled events by rule, browser, bot, country and referrer', ledgerExamplesSchema),
});
const dashboard = createRoute({
  method: 'get',
  path: '/pages/{page}/dashboard',
  tags,
  operationId: 'getPageDashboard',
  summary: 'Everything of a page in one answer; each part fails alone',
  request: { params: pageParamsSchema, query: dashboardQuerySchema },
  responses: okResponses('The parts that were asked for', dashboardSchema),
});
const realtime = createRoute({
  method: 'get',
  path: '/pages/{page}/realtime',
  tags,
  operationId: 'getRealtime',
  summary: 'The last 30 minutes of a page by minute',
  request: { params: pageParamsSchema },
  responses: okResponses('30 minutes, the last one still running', realtimeSchema),
});

export function pageNumberRoutes(deps: ApiDeps, access: Access) {
  async function subjectOf(principal: Principal, name: string): Promise<ReportSubject> {
    return pageSubject(await access.numbers(principal, `/${name}`));
  }
  return createRouter()
    .openapi(stats, async (c) => {
      const subject = await subjectOf(c.var.principal, c.req.valid('param').page);
      return c.json(await reportStats(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(ledger, async (c) => {
      const subject = await subjectOf(c.var.principal, c.req.valid('param').page);
      return c.json(await reportLedger(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(examples, async (c) => {
      const subject = await subjectOf(c.var.principal, c.req.valid('param').page);
      return c.json(await readExamples(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(dashboard, async (c) => {
      const subject = await subjectOf(c.var.principal, c.req.valid('param').page);
      return c.json(await respondWithReport(deps, subject, c.req.valid('query'), wantsFresh(c)), 200);
    })
    .openapi(realtime, async (c) => {
      const subject = await subjectOf(c.var.principal, c.req.valid('param').page);
      return c.json(await readRealtime(deps.stats, subject, deps.now()), 200);
    });
}
