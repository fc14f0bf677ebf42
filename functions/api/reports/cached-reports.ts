import type { Context } from 'hono';
import type { z } from 'zod';
import {
  type DashboardPart,
  type DashboardResponse,
  dashboardParts,
  type dashboardQuerySchema,
} from '#schemas/api/dashboard.ts';
import type { ApiDeps } from '../deps.ts';
import { readFirstLinks } from '../links/list-links.ts';
import { invalidRequest } from '../problem.ts';
import { parseRange } from './parse-range.ts';
import { readDashboard } from './read-dashboard.ts';
import { parseFilters } from './read-filtered.ts';
import { narrowToLink, type ReportSubject } from './subject.ts';

type Query = z.output<typeof dashboardQuerySchema>;

/**
 * Returns a dashboard, from the cache if it is fresh. The caller must be authorized before.
 * @throws {Problem} 400 for an invalid range or part
 */
export async function readCachedDashboard(
  deps: ApiDeps,
  requested: ReportSubject,
  query: Query,
  refresh: boolean,
): Promise<DashboardResponse> {
  const range = parseRange(query, requested.zone, deps.now());
  const parts = parseParts(query, requested);
  const { subject, filters } = await narrowToLink(deps, requested, parseFilters(query));
  const { period, topLinks } = query;
  const request = {
    subject,
    range,
    period,
    filters,
    parts,
    topLinks,
    links: () => (requested.kind === 'page' ? readFirstLinks(deps.catalog, requested.name) : Promise.resolve([])),
    linksNamed: async (codes: readonly string[]) =>
      (await deps.catalog.getLinks(codes)).filter(({ page }) => page === requested.name),
  };
  const { value } = await deps.dashboards({
    key: [subject.entity, requested.entity, range, period, filters, parts, topLinks],
    compute: (earlier) => readDashboard(deps, request, earlier),
    refresh,
  });
  return value;
}

/** @throws {Problem} 400 for an unknown part */
function parseParts({ parts, compare }: Query, subject: ReportSubject): DashboardPart[] {
  const available = dashboardParts.filter(
    (part) => (part !== 'previous' || compare === 'previous') && (part !== 'links' || subject.kind === 'page'),
  );
  if (parts === undefined) return available;
  const requested = parts.split(',').map((part) => part.trim());
  const unknown = requested.find((part) => !isPart(part));
  if (unknown !== undefined)
    throw invalidRequest([{ field: 'parts', value: unknown, allowed: `one or more of ${dashboardParts.join(', ')}` }]);
  const wanted = new Set(requested.filter(isPart));
  if (compare === 'previous') wanted.add('previous');
  if (subject.kind === 'link') wanted.delete('links');
  return dashboardParts.filter((part) => wanted.has(part));
}

function isPart(text: string): text is DashboardPart {
  return dashboardParts.some((part) => part === text);
}

/** Returns true if the request asks for current data, as browsers do on a reload. */
export function wantsFresh(c: Context): boolean {
  return /\bno-cache\b/.test(c.req.header('cache-control') ?? '');
}
