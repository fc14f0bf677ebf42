import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, isDate } from '#core/ledger/time-range.ts';
import { countDates, type DateSpan } from '#core/stats/period.ts';
import { agenciesSchema, agencyDashboardSchema, agencyQuerySchema } from '#schemas/api/agencies.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { visiblePages } from '../pages/visible-pages.ts';
import { invalidRequest } from '../problem.ts';
import { wantsFresh } from '../reports/cached-reports.ts';
import { lastSettledDate, readAgency } from '../reports/read-agency.ts';
import { okResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['agencies'];

const list = createRoute({
  method: 'get',
  path: '/agencies',
  tags,
  operationId: 'listAgencies',
  summary: 'Agencies that you may see, and how many pages each has',
  responses: okResponses('Agencies by id', agenciesSchema.meta({ id: 'Agencies' })),
});
const dashboard = createRoute({
  method: 'get',
  path: '/agencies/{id}/dashboard',
  tags,
  operationId: 'getAgencyDashboard',
  summary: "All of an agency's pages in one answer: totals, change, sparkline and alerts",
  request: { params: z.object({ id: z.string().min(1).max(128) }), query: agencyQuerySchema },
  responses: okResponses('Pages with the most clicks first', agencyDashboardSchema),
});

export function agencyRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(list, async (c) => {
      const user = access.user(c.var.principal);
      const counts = new Map<string, number>();
      if (user.role !== 'creator')
        for await (const { agency } of visiblePages(deps.catalog, user))
          if (agency !== null) counts.set(agency, (counts.get(agency) ?? 0) + 1);
      const rows = [...counts].map(([id, pages]) => ({ id, pages })).sort((a, b) => (a.id < b.id ? -1 : 1));
      return c.json({ rows }, 200);
    })
    .openapi(dashboard, async (c) => {
      const { id } = c.req.valid('param');
      await access.agency(c.var.principal, id);
      const { from, to } = c.req.valid('query');
      checkDates({ from, to });
      const today = localTimeOf('UTC', deps.now()).date;
      const { value } = await deps.agencies({
        key: [id, from ?? null, to ?? null, today],
        compute: async (earlier) => {
          const pages = await deps.catalog.getPages(await deps.catalog.listAgencyPages(id));
          const dates = datesOf({ from, to }, await lastSettledDate(deps, pages));
          const reading = { stats: deps.stats, openAlerts: deps.detection.openAlerts, now: deps.now };
          return readAgency(reading, { agency: id, pages, dates }, earlier);
        },
        refresh: wantsFresh(c),
      });
      return c.json(value, 200);
    });
}

interface DatesAsked {
  from: string | undefined;
  to: string | undefined;
}

/** @throws {Problem} 400 for what are no dates */
function checkDates(asked: DatesAsked): void {
  for (const field of ['from', 'to'] as const) {
    const value = asked[field];
    if (value !== undefined && !isDate(value)) throw dateFault(field, value, 'a date such as 2026-11-22');
  }
}

function dateFault(field: 'from' | 'to', value: string, allowed: string) {
  return invalidRequest([{ field, value, allowed }]);
}

const usualDays = 30;

const mostDays = 92;

/**
 * Dates that are asked for; without `to` through the last that is settled in the zones of all pages.
 * @throws {Problem} 400 for dates that are reversed or too many
 */
function datesOf({ from, to }: DatesAsked, lastSettled: string): DateSpan {
  const last = to ?? lastSettled;
  const first = from ?? addDays(last, 1 - usualDays);
  if (first > last) throw dateFault('to', last, 'a date not before from');
  if (countDates({ first, last }) > mostDays) throw dateFault('from', first, `at most ${mostDays} days before to`);
  return { first, last };
}
