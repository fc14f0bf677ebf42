import type { z } from 'zod';
import {
  ledgerQuerySchema,
  ledgerSchema,
  linkParamsSchema,
  pageParamsSchema,
  rangeQuerySchema,
  statsQuerySchema,
  statsSchema,
} from '#schemas/api.ts';
import { changesQuerySchema, changesSchema } from '#schemas/api/changes.ts';
import { dashboardQuerySchema, dashboardSchema } from '#schemas/api/dashboard.ts';
import { importedCountsSchema } from '#schemas/history/imported-counts-api.ts';
import { ledgerExamplesQuerySchema, ledgerExamplesSchema } from '#schemas/api/ledger.ts';
import { realtimeSchema } from '#schemas/api/realtime.ts';
import { recentEventsSchema } from '#schemas/api/recent-events.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { readChanges } from '../detection/read-changes.ts';
import { readImportedCounts } from '../imported/read-imported-counts.ts';
import type { Principal } from '../principal.ts';
import { parseRange } from '../reports/parse-range.ts';
import { readCachedDashboard, wantsFresh } from '../reports/cached-reports.ts';
import { readExamples } from '../reports/read-examples.ts';
import { readRealtime, readRecentEvents } from '../reports/read-realtime.ts';
import {
  dashboardWithoutConversions,
  reportLedger,
  reportStats,
  seesConversions,
  withoutConversions,
} from '../reports/reports.ts';
import { linkSubject, pageSubject, type ReportSubject } from '../reports/subject.ts';
import { createRouter } from './create-router.ts';
import { type CallerGroup, defineRoute } from './define-route.ts';
import { okResponses } from './responses.ts';

/** Statistics of pages and links. */
export function reportRoutes(deps: ApiDeps, access: Access) {
  async function findPage(principal: Principal, { page }: { page: string }): Promise<ReportSubject> {
    return pageSubject(await access.statistics(principal, `/${page}`));
  }
  async function findLink(principal: Principal, { code }: { code: string }): Promise<ReportSubject> {
    const { link, page } = await access.link(principal, code);
    return linkSubject(link, page);
  }
  return createRouter()
    .openapi(getStats(ofPage), async (c) => {
      const query = c.req.valid('query');
      const subject = await findPage(c.var.principal, c.req.valid('param'));
      const sees = seesConversions(c.var.principal, query);
      const stats = await reportStats(deps, subject, query);
      return c.json(sees ? stats : withoutConversions(stats), 200);
    })
    .openapi(getStats(ofLink), async (c) => {
      const subject = await findLink(c.var.principal, c.req.valid('param'));
      return c.json(await reportStats(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(getLedger(ofPage), async (c) => {
      const subject = await findPage(c.var.principal, c.req.valid('param'));
      seesConversions(c.var.principal, c.req.valid('query'));
      return c.json(await reportLedger(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(getLedger(ofLink), async (c) => {
      const subject = await findLink(c.var.principal, c.req.valid('param'));
      return c.json(await reportLedger(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(getDashboard(ofPage), async (c) => {
      const query = c.req.valid('query');
      const subject = await findPage(c.var.principal, c.req.valid('param'));
      const sees = seesConversions(c.var.principal, query);
      const dashboard = await readCachedDashboard(deps, subject, query, wantsFresh(c));
      return c.json(sees ? dashboard : dashboardWithoutConversions(dashboard), 200);
    })
    .openapi(getDashboard(ofLink), async (c) => {
      const subject = await findLink(c.var.principal, c.req.valid('param'));
      return c.json(await readCachedDashboard(deps, subject, c.req.valid('query'), wantsFresh(c)), 200);
    })
    .openapi(getChanges(ofPage), async (c) => {
      const query = c.req.valid('query');
      const subject = await findPage(c.var.principal, c.req.valid('param'));
      seesConversions(c.var.principal, query);
      return c.json(await readChanges(deps, subject, query), 200);
    })
    .openapi(getChanges(ofLink), async (c) => {
      const subject = await findLink(c.var.principal, c.req.valid('param'));
      return c.json(await readChanges(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(getImportedCounts(ofPage), async (c) => {
      const subject = await findPage(c.var.principal, c.req.valid('param'));
      const range = parseRange(c.req.valid('query'), subject.zone, deps.now());
      return c.json(await readImportedCounts(deps.stats, subject, range), 200);
    })
    .openapi(getImportedCounts(ofLink), async (c) => {
      const subject = await findLink(c.var.principal, c.req.valid('param'));
      const range = parseRange(c.req.valid('query'), subject.zone, deps.now());
      return c.json(await readImportedCounts(deps.stats, subject, range), 200);
    })
    .openapi(getLedgerExamples(), async (c) => {
      const subject = await findPage(c.var.principal, c.req.valid('param'));
      return c.json(await readExamples(deps, subject, c.req.valid('query')), 200);
    })
    .openapi(getRealtime(), async (c) => {
      const subject = await findPage(c.var.principal, c.req.valid('param'));
      return c.json(await readRealtime(deps.stats, subject, deps.now()), 200);
    })
    .openapi(getRecentEvents(), async (c) => {
      const { path } = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(await readRecentEvents(deps.recentEvents, path, deps.now()), 200);
    });
}

/** What the routes of a page and of a link differ in. */
interface SubjectRoutes<Base extends string, Params extends z.ZodObject> {
  base: Base;
  params: Params;
  name: 'Page' | 'Link';
  group: CallerGroup;
}

const ofPage: SubjectRoutes<'/pages/{page}', typeof pageParamsSchema> = {
  base: '/pages/{page}',
  params: pageParamsSchema,
  name: 'Page',
  group: 'pageUsersAndShares',
};

const ofLink: SubjectRoutes<'/links/{code}', typeof linkParamsSchema> = {
  base: '/links/{code}',
  params: linkParamsSchema,
  name: 'Link',
  group: 'pageUsers',
};

const tags = ['statistics'];

function getStats<Base extends string, Params extends z.ZodObject>(of: SubjectRoutes<Base, Params>) {
  return defineRoute(of.group, {
    method: 'get',
    path: `${of.base}/stats`,
    tags,
    operationId: `get${of.name}Stats`,
    summary: `Get views and clicks of a ${of.name.toLowerCase()} over time and by country, device, browser, system and referrer`,
    request: { params: of.params, query: statsQuerySchema },
    responses: okResponses('Statistics of the range', statsSchema),
  });
}

function getLedger<Base extends string, Params extends z.ZodObject>(of: SubjectRoutes<Base, Params>) {
  return defineRoute(of.group, {
    method: 'get',
    path: `${of.base}/ledger`,
    tags,
    operationId: `get${of.name}Ledger`,
    summary: `Get the received requests of a ${of.name.toLowerCase()} and their outcomes`,
    request: { params: of.params, query: ledgerQuerySchema },
    responses: okResponses('Received, outcomes and lost, in total and by hour or day', ledgerSchema),
  });
}

function getDashboard<Base extends string, Params extends z.ZodObject>(of: SubjectRoutes<Base, Params>) {
  return defineRoute(of.group, {
    method: 'get',
    path: `${of.base}/dashboard`,
    tags,
    operationId: `get${of.name}Dashboard`,
    summary: `Get all statistics of a ${of.name.toLowerCase()}; each part fails independently`,
    request: { params: of.params, query: dashboardQuerySchema },
    responses: okResponses('The requested parts', dashboardSchema),
  });
}

function getChanges<Base extends string, Params extends z.ZodObject>(of: SubjectRoutes<Base, Params>) {
  return defineRoute(of.group, {
    method: 'get',
    path: `${of.base}/changes`,
    tags,
    operationId: `get${of.name}Changes`,
    summary: `Explain how a ${of.name.toLowerCase()} changed from one period to another, by dimension`,
    request: { params: of.params, query: changesQuerySchema },
    responses: okResponses('What changed, whether chance explains it, and where it came from', changesSchema),
  });
}

function getImportedCounts<Base extends string, Params extends z.ZodObject>(of: SubjectRoutes<Base, Params>) {
  return defineRoute(of.group, {
    method: 'get',
    path: `${of.base}/imported-counts`,
    tags,
    operationId: `get${of.name}ImportedCounts`,
    summary: `Get the counts that other tools have made of a ${of.name.toLowerCase()} before Hopcount`,
    request: { params: of.params, query: rangeQuerySchema },
    responses: okResponses('Imported counts of the range, and totals without dates', importedCountsSchema),
  });
}

function getLedgerExamples() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/ledger/examples',
    tags,
    operationId: 'getLedgerExamples',
    summary: 'Get what the events of one outcome have in common, to see why they were not counted',
    request: { params: pageParamsSchema, query: ledgerExamplesQuerySchema },
    responses: okResponses('Settled events by rule, browser, bot, country and referrer', ledgerExamplesSchema),
  });
}

function getRealtime() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/realtime',
    tags,
    operationId: 'getRealtime',
    summary: 'Get the last 30 minutes of a page by minute',
    request: { params: pageParamsSchema },
    responses: okResponses('30 minutes; the last one is still running', realtimeSchema),
  });
}

function getRecentEvents() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/recent-events',
    tags,
    operationId: 'getRecentEvents',
    summary: 'Get the last events of a page one by one, with their outcomes and why',
    request: { params: pageParamsSchema },
    responses: okResponses('The last events, without anything about the person', recentEventsSchema),
  });
}
