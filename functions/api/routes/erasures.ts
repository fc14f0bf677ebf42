import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { ulidOf } from '#core/ulid.ts';
import {
  type Erasure,
  erasureSchema,
  erasuresQuerySchema,
  erasuresSchema,
  newErasureSchema,
} from '#schemas/api/erasures.ts';
import type { ErasureJob } from '#stores/catalog/lake-jobs.ts';
import type { Access } from '../access.ts';
import { toListing, parseCursor } from '../listing.ts';
import type { ApiDeps } from '../deps.ts';
import { notFound } from '../problem.ts';
import { acceptedResponses, okResponses, jsonBody } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['erasures'];

const create = createRoute({
  method: 'post',
  path: '/erasures',
  tags,
  operationId: 'createErasure',
  summary: 'Erase a page, a visitor of one day or a person who consented to an id',
  request: { body: jsonBody(newErasureSchema) },
  responses: acceptedResponses('The erasure, running', erasureSchema),
});
const list = createRoute({
  method: 'get',
  path: '/erasures',
  tags,
  operationId: 'listErasures',
  summary: 'Erasures, oldest first',
  request: { query: erasuresQuerySchema },
  responses: okResponses('Erasures and how far they are', erasuresSchema),
});
const get = createRoute({
  method: 'get',
  path: '/erasures/{id}',
  tags,
  operationId: 'getErasure',
  summary: 'The receipt of an erasure',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: okResponses('The receipt', erasureSchema),
});

const nothingYet = { rewritten: [], pending: [], erased: {}, remaining: [] };

export function erasureRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(create, async (c) => {
      access.admin(c.var.principal);
      const { kind, value } = c.req.valid('json');
      const now = deps.now();
      const id = ulidOf(now, deps.random(16));
      const job = { kind: 'erasure', id, subject: kind, createdAt: new Date(now).toISOString() } as const;
      await deps.jobs.put(job);
      await deps.runner.startErasure(job, value);
      const started = { id, kind, createdAt: job.createdAt, state: 'running' as const, message: null };
      return c.json({ ...started, ...nothingYet }, 202);
    })
    .openapi(list, async (c) => {
      access.admin(c.var.principal);
      const { cursor, limit } = c.req.valid('query');
      const jobs = await deps.jobs.erasuresAfter(parseCursor(cursor)[0], limit + 1);
      const { rows, next } = toListing(jobs, limit, ({ id }) => id);
      return c.json({ rows: await Promise.all(rows.map((job) => shown(deps, job))), next }, 200);
    })
    .openapi(get, async (c) => {
      access.admin(c.var.principal);
      const job = await deps.jobs.getErasure(c.req.valid('param').id);
      if (job === undefined) throw notFound();
      return c.json(await shown(deps, job), 200);
    });
}

async function shown({ runner }: ApiDeps, job: ErasureJob): Promise<Erasure> {
  const { id, subject: kind, createdAt } = job;
  const result = await runner.erasureOf(job);
  const base = { id, kind, createdAt, state: result.state, message: null, ...nothingYet };
  switch (result.state) {
    case 'running':
      return base;
    case 'failed':
      return { ...base, message: result.message };
    case 'done':
      return { ...base, ...result.result };
    default:
      return result satisfies never;
  }
}
