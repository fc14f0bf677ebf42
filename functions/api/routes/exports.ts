import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { addDays, isDate } from '#core/ledger/time-range.ts';
import { ulidOf } from '#core/ulid.ts';
import { type Export, exportSchema, exportsQuerySchema, exportsSchema, newExportSchema } from '#schemas/api/exports.ts';
import type { ExportJob } from '#stores/catalog/lake-jobs.ts';
import type { Access } from '../access.ts';
import { toListing, parseCursor } from '../listing.ts';
import type { ApiDeps } from '../deps.ts';
import { invalidRequest, notFound } from '../problem.ts';
import { acceptedResponses, okResponses, jsonBody } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['exports'];

const create = createRoute({
  method: 'post',
  path: '/exports',
  tags,
  operationId: 'createExport',
  summary: "Have a page's settled events written as CSV or Parquet",
  request: { body: jsonBody(newExportSchema) },
  responses: acceptedResponses('The export, running', exportSchema),
});
const list = createRoute({
  method: 'get',
  path: '/exports',
  tags,
  operationId: 'listExports',
  summary: 'Exports of a page, oldest first',
  request: { query: exportsQuerySchema },
  responses: okResponses('Exports and how far they are', exportsSchema),
});
const get = createRoute({
  method: 'get',
  path: '/exports/{id}',
  tags,
  operationId: 'getExport',
  summary: 'How far an export is, and where its file is',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: okResponses('The export', exportSchema),
});

export function exportRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(create, async (c) => {
      const body = c.req.valid('json');
      const { path } = await access.page(c.var.principal, body.page);
      checkDates(body);
      const now = deps.now();
      const id = ulidOf(now, deps.random(16));
      const { from, to, format } = body;
      const job = { kind: 'export', id, page: path, from, to, format, createdAt: new Date(now).toISOString() } as const;
      await deps.jobs.put(job);
      await deps.runner.startExport(job);
      return c.json({ ...job, state: 'running' as const, rows: null, url: null, urls: [], message: null }, 202);
    })
    .openapi(list, async (c) => {
      const { page, cursor, limit } = c.req.valid('query');
      const { path } = await access.page(c.var.principal, page);
      const jobs = await deps.jobs.exportsAfter(path, parseCursor(cursor)[0], limit + 1);
      const { rows, next } = toListing(jobs, limit, ({ id }) => id);
      return c.json({ rows: await Promise.all(rows.map((job) => shown(deps, job))), next }, 200);
    })
    .openapi(get, async (c) => {
      const job = await deps.jobs.getExport(c.req.valid('param').id);
      if (job === undefined) throw notFound();
      await access.page(c.var.principal, job.page);
      return c.json(await shown(deps, job), 200);
    });
}

const mostDays = 400;

/** @throws {Problem} 400 naming the date that is none, reversed or too far away */
function checkDates({ from, to }: { from: string; to: string }): void {
  for (const [field, value] of [
    ['from', from],
    ['to', to],
  ] as const)
    if (!isDate(value)) throw invalidRequest([{ field, value, allowed: 'a date such as 2026-11-22' }]);
  if (from > to) throw invalidRequest([{ field: 'to', value: to, allowed: 'a date not before from' }]);
  if (addDays(from, mostDays) < to)
    throw invalidRequest([{ field: 'from', value: from, allowed: `at most ${mostDays} days before to` }]);
}

async function shown({ runner }: ApiDeps, job: ExportJob): Promise<Export> {
  const { id, page, from, to, format, createdAt } = job;
  const result = await runner.exportOf(job);
  const base = { id, page, from, to, format, createdAt, state: result.state };
  switch (result.state) {
    case 'running':
      return { ...base, rows: null, url: null, urls: [], message: null };
    case 'failed':
      return { ...base, rows: null, url: null, urls: [], message: result.message };
    case 'done': {
      const { rows, urls } = result.result;
      return { ...base, rows, url: urls[0] ?? null, urls, message: null };
    }
    default:
      return result satisfies never;
  }
}
