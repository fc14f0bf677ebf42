import { isDate, localDateOf } from '#core/ledger/time-range.ts';
import { ulidOf } from '#core/ulid.ts';
import { pageParamsSchema } from '#schemas/api.ts';
import {
  type Annotation,
  annotationSchema,
  annotationsQuerySchema,
  annotationsSchema,
  newAnnotationSchema,
  newSegmentSchema,
  segmentSchema,
  segmentsSchema,
} from '#schemas/api/saved.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { checkLimit, checkName, ownerLimits } from '../limits.ts';
import { notFound } from '../problem.ts';
import { toAnnotationView, toSegmentView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import {
  changedResponses,
  createdResponses,
  idOfPageParams,
  jsonBody,
  okResponses,
  removedResponses,
} from './responses.ts';

/** Annotations and segments of a page, for everyone who can see it; for a share, if its owner says so. */
export function savedRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listAnnotations(), async (c) => {
      const page = await access.statistics(c.var.principal, `/${c.req.valid('param').page}`, 'annotations');
      const { from = '', to = '9' } = c.req.valid('query');
      const rows = (await deps.annotations.list(page.path)).filter(({ at }) => {
        const date = localDateOf(at, page.timeZone);
        return date >= from && date <= to;
      });
      return c.json({ rows: rows.toSorted((a, b) => startOf(a) - startOf(b)).map(toAnnotationView) }, 200);
    })
    .openapi(createAnnotation(), async (c) => {
      const { path } = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const { at, text, url } = c.req.valid('json');
      const stored = (await deps.annotations.list(path)).length;
      checkLimit('annotations of a page', stored, ownerLimits.annotationsOfPage);
      const annotation: Annotation = {
        id: ulidOf(deps.now(), deps.random(16)),
        at: toMoment(at ?? new Date(deps.now()).toISOString()),
        text,
        url,
        source: c.var.principal.kind === 'key' ? 'key' : 'user',
      };
      await deps.annotations.put(path, annotation);
      return c.json(annotation, 201);
    })
    .openapi(removeAnnotation(), async (c) => {
      const { page, id } = c.req.valid('param');
      const { path } = await access.page(c.var.principal, `/${page}`);
      if (!(await deps.annotations.remove(path, id))) throw notFound('Annotation');
      return c.body(null, 204);
    })
    .openapi(listSegments(), async (c) => {
      const { path } = await access.statistics(c.var.principal, `/${c.req.valid('param').page}`, 'segments');
      const rows = await deps.segments.list(path);
      return c.json({ rows: rows.toSorted((a, b) => a.name.localeCompare(b.name)).map(toSegmentView) }, 200);
    })
    .openapi(createSegment(), async (c) => {
      const { path } = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const body = c.req.valid('json');
      const segments = await deps.segments.list(path);
      checkName('segment', segments, body.name);
      checkLimit('segments of a page', segments.length, ownerLimits.segmentsOfPage);
      const segment = { id: ulidOf(deps.now(), deps.random(16)), ...body };
      await deps.segments.put(path, segment);
      return c.json(segment, 201);
    })
    .openapi(putSegment(), async (c) => {
      const { page, id } = c.req.valid('param');
      const { path } = await access.page(c.var.principal, `/${page}`);
      const segment = { id, ...c.req.valid('json') };
      checkName('segment', await deps.segments.list(path), segment.name, id);
      if (!(await deps.segments.replace(path, segment))) throw notFound('Segment');
      return c.json(segment, 200);
    })
    .openapi(removeSegment(), async (c) => {
      const { page, id } = c.req.valid('param');
      const { path } = await access.page(c.var.principal, `/${page}`);
      if (!(await deps.segments.remove(path, id))) throw notFound('Segment');
      return c.body(null, 204);
    });
}

/** Returns an instant in UTC; a date as it is. */
function toMoment(at: string): string {
  return isDate(at) ? at : new Date(at).toISOString();
}

function startOf({ at }: Annotation): number {
  return Date.parse(at);
}

const tags = ['annotations and segments'];

function listAnnotations() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/annotations',
    tags,
    operationId: 'listAnnotations',
    summary: 'List the annotations of a page. A share link sees them if its owner says so',
    request: { params: pageParamsSchema, query: annotationsQuerySchema },
    responses: okResponses('Annotations, oldest first', annotationsSchema),
  });
}

function createAnnotation() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/pages/{page}/annotations',
    tags,
    operationId: 'createAnnotation',
    summary: 'Mark a moment on the charts of a page, such as a deployment. Takes a key with the scope `annotations`',
    request: { params: pageParamsSchema, body: jsonBody(newAnnotationSchema) },
    responses: createdResponses('The annotation', annotationSchema),
  });
}

function removeAnnotation() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/pages/{page}/annotations/{id}',
    tags,
    operationId: 'removeAnnotation',
    summary: 'Delete an annotation',
    request: { params: idOfPageParams },
    responses: removedResponses('Deleted'),
  });
}

function listSegments() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/segments',
    tags,
    operationId: 'listSegments',
    summary: 'List the segments of a page. A share link sees them if its owner says so',
    request: { params: pageParamsSchema },
    responses: okResponses('Segments by name', segmentsSchema),
  });
}

function createSegment() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/pages/{page}/segments',
    tags,
    operationId: 'createSegment',
    summary: 'Save filters under a name, for everyone who can see the page',
    request: { params: pageParamsSchema, body: jsonBody(newSegmentSchema) },
    responses: createdResponses('The segment', segmentSchema),
  });
}

function putSegment() {
  return defineRoute('pageUsers', {
    method: 'put',
    path: '/pages/{page}/segments/{id}',
    tags,
    operationId: 'putSegment',
    summary: 'Replace the name and filters of a segment',
    request: { params: idOfPageParams, body: jsonBody(newSegmentSchema) },
    responses: changedResponses('The segment', segmentSchema),
  });
}

function removeSegment() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/pages/{page}/segments/{id}',
    tags,
    operationId: 'removeSegment',
    summary: 'Delete a segment',
    request: { params: idOfPageParams },
    responses: removedResponses('Deleted'),
  });
}
