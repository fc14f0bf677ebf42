import { addDays, isDate } from '#core/ledger/time-range.ts';
import { ulidOf } from '#core/ulid.ts';
import { exportSchema, exportsQuerySchema, exportsSchema, newExportSchema } from '#schemas/api/exports.ts';
import { allowedDates, isWithinDates } from '#schemas/time/local-date.ts';
import type { ExportJob } from '#stores/catalog/lake-jobs.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { readListing } from '../listing.ts';
import { invalidRequest, notFound, tooManyRequests } from '../problem.ts';
import { toExportView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { acceptedResponses, idParams, jsonBody, okResponses } from './responses.ts';

const exportWindowSeconds = 3600;

export function exportRoutes(deps: ApiDeps, access: Access) {
  async function readView(job: ExportJob) {
    return toExportView(job, await deps.runner.readExport(job));
  }
  return createRouter()
    .openapi(createExport(), async (c) => {
      const { page, from, to, format } = c.req.valid('json');
      const { path, agency } = await access.page(c.var.principal, page);
      checkDates({ from, to });
      const stored = await deps.jobs.exportsAfter(path, undefined, ownerLimits.exportsOfPage);
      checkLimit('exports of a page within 7 days', stored.length, ownerLimits.exportsOfPage, 'Start it again later.');
      if (!(await deps.exportRate(`exports#${agency ?? path}`))) throw tooManyRequests(exportWindowSeconds);
      const now = deps.now();
      const id = ulidOf(now, deps.random(16));
      const createdAt = new Date(now).toISOString();
      const job: ExportJob = { kind: 'export', id, page: path, from, to, format, createdAt };
      await deps.jobs.put(job);
      await deps.runner.startExport(job);
      return c.json(toExportView(job, { state: 'running' }), 202);
    })
    .openapi(listExports(), async (c) => {
      const query = c.req.valid('query');
      const { path } = await access.page(c.var.principal, query.page);
      const listing = await readListing(query, {
        readAfter: (id, limit) => deps.jobs.exportsAfter(path, id, limit),
        keyOf: ({ id }) => id,
        toView: readView,
      });
      return c.json(listing, 200);
    })
    .openapi(getExport(), async (c) => {
      const job = await deps.jobs.getExport(c.req.valid('param').id);
      if (job === undefined) throw notFound('Export');
      await access.page(c.var.principal, job.page);
      return c.json(await readView(job), 200);
    });
}

const tags = ['exports'];

function createExport() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/exports',
    tags,
    operationId: 'createExport',
    summary: "Start an export of a page's settled events",
    request: { body: jsonBody(newExportSchema) },
    responses: acceptedResponses('The export, running', exportSchema),
  });
}

function listExports() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/exports',
    tags,
    operationId: 'listExports',
    summary: 'List the exports of a page, oldest first',
    request: { query: exportsQuerySchema },
    responses: okResponses('Exports and their progress', exportsSchema),
  });
}

function getExport() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/exports/{id}',
    tags,
    operationId: 'getExport',
    summary: 'Get the progress and the download links of an export',
    request: { params: idParams },
    responses: okResponses('The export', exportSchema),
  });
}

const maxDays = 400;

/** @throws {Problem} 400 for an invalid date, dates in the wrong order, or too many */
function checkDates({ from, to }: { from: string; to: string }): void {
  for (const [field, value] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (!isDate(value)) throw invalidRequest([{ field, value, allowed: 'a date such as 2026-11-22' }]);
    if (!isWithinDates(value)) throw invalidRequest([{ field, value, allowed: allowedDates }]);
  }
  if (from > to) throw invalidRequest([{ field: 'to', value: to, allowed: 'a date on or after `from`' }]);
  if (addDays(from, maxDays) < to)
    throw invalidRequest([{ field: 'from', value: from, allowed: `at most ${maxDays} days before \`to\`` }]);
}
