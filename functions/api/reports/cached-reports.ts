import type { Context } from 'hono';
import type { z } from 'zod';
import {
  type DashboardResponse,
  type DashboardPart,
  dashboardParts,
  type dashboardQuerySchema,
} from '#schemas/api/dashboard.ts';
import type { ApiDeps } from '../deps.ts';
import { linksOfPage } from '../links/list-links.ts';
import { invalidRequest } from '../problem.ts';
import { parseFilters } from './read-filtered.ts';
import { readDashboard } from './read-dashboard.ts';
import { parseRange } from './parse-range.ts';
import { linkSubject, type ReportSubject } from './subject.ts';

type Query = z.output<typeof dashboardQuerySchema>;

/**
 * A dashboard, from the cache where it is fresh. Who asks has been authorised before.
 * @throws {Problem} 400 for a range or a part that cannot be served
 */
export async function respondWithReport(
  deps: ApiDeps,
  asked: ReportSubject,
  query: Query,
  refresh: boolean,
): Promise<DashboardResponse> {
  const range = parseRange(query, asked.zone, deps.now());
  const parts = partsOf(query, asked);
  const { subject, filters } = await narrowed(deps, asked, query);
  function links() {
    return asked.kind === 'page' ? linksOfPage(deps.catalog, asked.name) : Promise.resolve([]);
  }
  function linksNamed(codes: readonly string[]) {
    return deps.catalog.getLinks(codes);
  }
  const question = { subject, range, filters, parts, links, linksNamed };
  const key = [subject.entity, asked.entity, range, filters ?? null, parts];
  const { value } = await deps.dashboards({
    key,
    compute: (earlier) => readDashboard(deps, question, earlier),
    refresh,
  });
  return value;
}

/** @throws {Problem} 400 for a part that is none */
function partsOf({ parts, compare }: Query, subject: ReportSubject): DashboardPart[] {
  const usual = dashboardParts.filter(
    (part) => (part !== 'previous' || compare === 'previous') && (part !== 'links' || subject.kind === 'page'),
  );
  if (parts === undefined) return usual;
  const asked = parts.split(',').map((part) => part.trim());
  const unknown = asked.find((part) => !isPart(part));
  if (unknown !== undefined)
    throw invalidRequest([{ field: 'parts', value: unknown, allowed: `some of ${dashboardParts.join(', ')}` }]);
  const wanted = new Set(asked.filter(isPart));
  if (compare === 'previous') wanted.add('previous');
  if (subject.kind === 'link') wanted.delete('links');
  return dashboardParts.filter((part) => wanted.has(part));
}

function isPart(text: string): text is DashboardPart {
  return dashboardParts.some((part) => part === text);
}

/** A page narrowed to one of its links is the link itself: counters hold the answer, live. */
async function narrowed(
  { catalog }: Pick<ApiDeps, 'catalog'>,
  subject: ReportSubject,
  query: Query,
): Promise<{ subject: ReportSubject; filters: ReturnType<typeof parseFilters> }> {
  const filters = parseFilters(query);
  if (subject.kind !== 'page' || query.link === undefined || Object.keys(filters ?? {}).length !== 1)
    return { subject, filters };
  const link = await catalog.getLink(query.link);
  if (link === undefined || link.page !== subject.name) return { subject, filters };
  return { subject: linkSubject(link, { timeZone: subject.zone }), filters: undefined };
}

/** A reload by hand asks for what is, not for what was a minute ago. */
export function wantsFresh(c: Context): boolean {
  return /\bno-cache\b/.test(c.req.header('cache-control') ?? '');
}
