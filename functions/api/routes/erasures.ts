import { dayLength, hourLength } from '#core/time.ts';
import { ulidOf } from '#core/ulid.ts';
import { hashPersonId } from '#core/visitors/person-id.ts';
import { erasureSchema, erasuresQuerySchema, erasuresSchema, newErasureSchema } from '#schemas/api/erasures.ts';
import { maxErasures, tombstoneDays } from '#schemas/lake-jobs.ts';
import type { ErasureJob } from '#stores/catalog/lake-jobs.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { readListing } from '../listing.ts';
import { invalidRequest, notFound } from '../problem.ts';
import { toErasureView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { acceptedResponses, idParams, jsonBody, okResponses } from './responses.ts';

export function erasureRoutes(deps: ApiDeps, access: Access) {
  async function readView(job: ErasureJob) {
    return toErasureView(job, await deps.runner.readErasure(job));
  }
  return createRouter()
    .openapi(createErasure(), async (c) => {
      access.admin(c.var.principal);
      const { kind, ...subject } = c.req.valid('json');
      const now = deps.now();
      const value = kind === 'visitor' ? subject.value.replace(/^'/, '') : await storedValue(deps, subject);
      await checkErasures(deps);
      const job: ErasureJob = {
        kind: 'erasure',
        id: ulidOf(now, deps.random(16)),
        subject: kind,
        createdAt: new Date(now).toISOString(),
      };
      await deps.jobs.put(job);
      await deps.runner.startErasure(job, value);
      return c.json(toErasureView(job, { state: 'running' }), 202);
    })
    .openapi(listErasures(), async (c) => {
      access.admin(c.var.principal);
      const listing = await readListing(c.req.valid('query'), {
        readAfter: deps.jobs.erasuresAfter,
        keyOf: ({ id }) => id,
        toView: readView,
      });
      return c.json(listing, 200);
    })
    .openapi(getErasure(), async (c) => {
      access.admin(c.var.principal);
      const job = await deps.jobs.getErasure(c.req.valid('param').id);
      if (job === undefined) throw notFound('Erasure');
      return c.json(await readView(job), 200);
    });
}

/** Returns the id as the lake has it: the job never gets the one that the site knows. @throws {Problem} 400 */
async function storedValue({ catalog }: ApiDeps, { value, page }: { value: string; page?: string | undefined }) {
  if (page === undefined) return value;
  const found = await catalog.getPage(page);
  const hash = found && hashPersonId(found, value);
  if (hash === undefined)
    throw invalidRequest([{ field: 'page', value: page, allowed: 'a page that has kept ids of people' }]);
  return hash;
}

/** @throws {Problem} 409 */
async function checkErasures({ jobs, now }: ApiDeps): Promise<void> {
  const first = ulidOf(now() - tombstoneDays * dayLength, new Uint8Array(16));
  const recent = await jobs.erasuresAfter(first, maxErasures);
  checkLimit(`erasures within ${tombstoneDays} days`, recent.length, maxErasures, 'Start it again later.');
  const ofHour = recent.filter(({ createdAt }) => Date.parse(createdAt) > now() - hourLength);
  checkLimit('erasures within an hour', ofHour.length, ownerLimits.erasuresAnHour, 'Start it again later.');
}

const tags = ['erasures'];

function createErasure() {
  return defineRoute('admins', {
    method: 'post',
    path: '/erasures',
    tags,
    operationId: 'createErasure',
    summary: "Start to erase a page's data, a visitor's data of one day, the data of a person, or all ids of a page",
    request: { body: jsonBody(newErasureSchema) },
    responses: acceptedResponses('The erasure, running', erasureSchema),
  });
}

function listErasures() {
  return defineRoute('admins', {
    method: 'get',
    path: '/erasures',
    tags,
    operationId: 'listErasures',
    summary: 'List erasures, oldest first',
    request: { query: erasuresQuerySchema },
    responses: okResponses('Erasures and their progress', erasuresSchema),
  });
}

function getErasure() {
  return defineRoute('admins', {
    method: 'get',
    path: '/erasures/{id}',
    tags,
    operationId: 'getErasure',
    summary: 'Get the progress and result of an erasure',
    request: { params: idParams },
    responses: okResponses('The erasure', erasureSchema),
  });
}
