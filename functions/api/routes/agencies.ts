import { z } from 'zod';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, isDate } from '#core/ledger/time-range.ts';
import { countDates, type DateSpan } from '#core/stats/period.ts';
import { agenciesSchema, agencyDashboardSchema, agencyQuerySchema } from '#schemas/api/agencies.ts';
import type { User } from '#schemas/catalog.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { visiblePages } from '../pages/visible-pages.ts';
import { invalidRequest } from '../problem.ts';
import { wantsFresh } from '../reports/cached-reports.ts';
import { lastSettledDate, readAgency } from '../reports/read-agency.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { okResponses } from './responses.ts';

export function agencyRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listAgencies(), async (c) => {
      const user = access.user(c.var.principal);
      return c.json({ rows: user.role === 'creator' ? [] : await countPages(deps, user) }, 200);
    })
    .openapi(getAgencyDashboard(), async (c) => {
      const { id } = c.req.valid('param');
      await access.agency(c.var.principal, id);
      const { from, to } = c.req.valid('query');
      checkDates({ from, to });
      const today = localTimeOf('UTC', deps.now()).date;
      const { value } = await deps.agencies({
        key: [id, from ?? null, to ?? null, today],
        compute: async (earlier) => {
          const pages = await deps.catalog.getPages(await deps.catalog.listAgencyPages(id));
          const dates = resolveDates({ from, to }, await lastSettledDate(deps, pages));
          const readers = { stats: deps.stats, openAlerts: deps.detection.openAlerts, now: deps.now };
          return readAgency(readers, { agency: id, pages, dates }, earlier);
        },
        refresh: wantsFresh(c),
      });
      return c.json(value, 200);
    });
}

const tags = ['agencies'];

function listAgencies() {
  return defineRoute('users', {
    method: 'get',
    path: '/agencies',
    tags,
    operationId: 'listAgencies',
    summary: 'List agencies with their number of pages',
    responses: okResponses('Agencies that you can see, by id', agenciesSchema.meta({ id: 'Agencies' })),
  });
}

async function countPages({ catalog }: ApiDeps, user: User): Promise<{ id: string; pages: number }[]> {
  const counts = new Map<string, number>();
  for await (const { agency } of visiblePages(catalog, user))
    if (agency !== null) counts.set(agency, (counts.get(agency) ?? 0) + 1);
  return [...counts].map(([id, pages]) => ({ id, pages })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function getAgencyDashboard() {
  return defineRoute('agencyUsers', {
    method: 'get',
    path: '/agencies/{id}/dashboard',
    tags,
    operationId: 'getAgencyDashboard',
    summary: 'Get totals, change, sparkline and alerts of all pages of an agency',
    request: { params: z.object({ id: z.string().min(1).max(128) }), query: agencyQuerySchema },
    responses: okResponses('Pages, most clicks first', agencyDashboardSchema),
  });
}

interface RequestedDates {
  from: string | undefined;
  to: string | undefined;
}

/** @throws {Problem} 400 for an invalid date */
function checkDates(requested: RequestedDates): void {
  for (const field of ['from', 'to'] as const) {
    const value = requested[field];
    if (value !== undefined && !isDate(value)) throw invalidDate(field, value, 'a date such as 2026-11-22');
  }
}

function invalidDate(field: 'from' | 'to', value: string, allowed: string) {
  return invalidRequest([{ field, value, allowed }]);
}

const defaultDays = 30;
const maxDays = 92;

/**
 * Returns the requested dates. By default they end with the last date that is settled in the time zone of every page.
 * @throws {Problem} 400 for dates in the wrong order, or too many
 */
function resolveDates({ from, to }: RequestedDates, lastSettled: string): DateSpan {
  const last = to ?? lastSettled;
  const first = from ?? addDays(last, 1 - defaultDays);
  if (first > last) throw invalidDate('to', last, 'a date on or after `from`');
  if (countDates({ first, last }) > maxDays) throw invalidDate('from', first, `at most ${maxDays} days before \`to\``);
  return { first, last };
}
