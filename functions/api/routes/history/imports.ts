import { beginImport, describeBusy, isInterrupted, newImport } from '#core/history/new-import.ts';
import { isZone } from '#core/ledger/time-range.ts';
import { ulidOf } from '#core/ulid.ts';
import {
  historyImportSchema,
  historyImportsQuerySchema,
  historyImportsSchema,
  newHistoryImportSchema,
  startHistoryImportSchema,
} from '#schemas/history/history-api.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';
import type { ImportJob } from '#schemas/history/history-job.ts';
import type { Access } from '../../access.ts';
import type { ApiDeps } from '../../deps.ts';
import { checkLimit } from '../../limits.ts';
import { readListing } from '../../listing.ts';
import { conflict, invalidRequest, notFound, tooManyRequests } from '../../problem.ts';
import type { Principal } from '../../principal.ts';
import { createRouter } from '../create-router.ts';
import { defineRoute } from '../define-route.ts';
import { acceptedResponses, createdResponses, idParams, jsonBody, okResponses } from '../responses.ts';
import { toHistoryImportView } from './view.ts';

const importWindowSeconds = 3600;

/** Imports of history: create one, upload its file, start it, watch it, take it back. */
export function historyImportRoutes(deps: ApiDeps, access: Access) {
  async function find(principal: Principal, id: string): Promise<ImportJob> {
    const job = await deps.imports.get(id);
    if (job === undefined) throw notFound('Import');
    await access.page(principal, job.page);
    return job;
  }
  /** @throws {Problem} 409 if it was changed at the same time */
  async function change(job: ImportJob, changes: Parameters<typeof deps.imports.change>[1]): Promise<ImportJob> {
    const next = await deps.imports.change(job, changes);
    if (next === undefined) throw changedMeanwhile();
    return next;
  }
  /** @throws {Problem} 409 if another import of the page works, or if it was changed at the same time */
  async function begin(job: ImportJob, changes: Parameters<typeof deps.imports.begin>[1]): Promise<ImportJob> {
    const begun = await deps.imports.begin(job, changes);
    switch (begun.kind) {
      case 'begun':
        return begun.job;
      case 'changed':
        throw changedMeanwhile();
      case 'busy':
        throw conflict(describeBusy(begun.other));
      default:
        return begun satisfies never;
    }
  }
  return createRouter()
    .openapi(createImport(), async (c) => {
      const { page, fileName, bytes, format, zone, until } = c.req.valid('json');
      const { path } = await access.page(c.var.principal, page);
      if (zone !== undefined && !isZone(zone))
        throw invalidRequest([{ field: 'zone', value: zone, allowed: 'an IANA time zone such as `Europe/Vienna`' }]);
      const stored = await deps.imports.after(path, undefined, historyLimits.importsOfPage);
      checkLimit('imports of a page', stored.length, historyLimits.importsOfPage, 'Import the files as one archive.');
      const now = deps.now();
      const job = newImport({
        id: ulidOf(now, deps.random(16)),
        page: path,
        file: { name: fileName, bytes },
        format,
        zone: zone ?? null,
        until: until ?? null,
        dryRun: false,
        now,
      });
      await deps.imports.create(job);
      const upload = await deps.uploads.sign(job);
      return c.json({ ...toHistoryImportView(job, now), upload }, 201);
    })
    .openapi(startImport(), async (c) => {
      const { dryRun } = c.req.valid('json');
      const job = await find(c.var.principal, c.req.valid('param').id);
      const { path, agency } = await access.page(c.var.principal, job.page);
      const now = deps.now();
      if (isInterrupted(job, now)) {
        await deps.runner.startImport(job.id);
        return c.json(toHistoryImportView(await change(job, {}), now), 202);
      }
      checkStart(job);
      await checkUpload(deps, job);
      if (!(await deps.importRate(`imports#${agency ?? path}`))) throw tooManyRequests(importWindowSeconds);
      const started = await begin(job, { ...beginImport(job), dryRun });
      await deps.runner.startImport(job.id);
      return c.json(toHistoryImportView(started, now), 202);
    })
    .openapi(listImports(), async (c) => {
      const query = c.req.valid('query');
      const { path } = await access.page(c.var.principal, query.page);
      const listing = await readListing(query, {
        readAfter: (id, limit) => deps.imports.after(path, id, limit),
        keyOf: ({ id }) => id,
        toView: (job) => toHistoryImportView(job, deps.now()),
      });
      return c.json(listing, 200);
    })
    .openapi(getImport(), async (c) => {
      const job = await find(c.var.principal, c.req.valid('param').id);
      const report = job.state === 'done' || job.state === 'undone' ? await deps.uploads.report(job.id) : undefined;
      return c.json(toHistoryImportView(job, deps.now(), report), 200);
    })
    .openapi(undoImport(), async (c) => {
      const job = await find(c.var.principal, c.req.valid('param').id);
      const undoing = job.state === 'undone' ? job : await begin(job, { state: 'undoing' });
      await deps.runner.startImport(job.id);
      return c.json(toHistoryImportView(undoing, deps.now()), 202);
    });
}

function changedMeanwhile() {
  return conflict('The import was changed at the same time. Read it and try again.');
}

/** @throws {Problem} 409 */
function checkStart({ state, dryRun }: ImportJob): void {
  switch (state) {
    case 'waiting':
    case 'failed':
      return;
    case 'done':
      if (dryRun) return;
      throw conflict('The import is done. Create another one to import the file again.');
    case 'running':
      throw conflict('The import is running.');
    case 'undoing':
    case 'undone':
      throw conflict('The import was undone. Create another one to import the file again.');
    default:
      state satisfies never;
  }
}

/** @throws {Problem} 409 if the file is not there, or another one */
async function checkUpload({ uploads }: ApiDeps, { id, file }: ImportJob): Promise<void> {
  const bytes = await uploads.size(id);
  if (bytes === undefined) throw conflict('The file was not uploaded, or has expired. Create another import.');
  if (bytes !== file.bytes)
    throw conflict(`The uploaded file has ${bytes} bytes, and the import was created for ${file.bytes}.`);
}

const tags = ['imports of history'];

function createImport() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/imports/history',
    tags,
    operationId: 'createHistoryImport',
    summary: 'Create an import of history, and get an address to upload its file to',
    request: { body: jsonBody(newHistoryImportSchema) },
    responses: createdResponses('The import, waiting for its file', historyImportSchema),
  });
}

function startImport() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/imports/history/{id}/start',
    tags,
    operationId: 'startHistoryImport',
    summary: 'Preview or import the uploaded file, or continue an interrupted import',
    request: { params: idParams, body: jsonBody(startHistoryImportSchema) },
    responses: acceptedResponses('The import, running', historyImportSchema),
  });
}

function listImports() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/imports/history',
    tags,
    operationId: 'listHistoryImports',
    summary: 'List the imports of history of a page, oldest first',
    request: { query: historyImportsQuerySchema },
    responses: okResponses('Imports and their progress', historyImportsSchema),
  });
}

function getImport() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/imports/history/{id}',
    tags,
    operationId: 'getHistoryImport',
    summary: 'Get the progress and the report of an import of history',
    request: { params: idParams },
    responses: okResponses('The import', historyImportSchema),
  });
}

function undoImport() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/imports/history/{id}',
    tags,
    operationId: 'undoHistoryImport',
    summary: 'Take an import of history back',
    request: { params: idParams },
    responses: acceptedResponses('The import, which the next settle takes out of the numbers', historyImportSchema),
  });
}
