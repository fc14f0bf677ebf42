import { formatIngestKey } from '#core/capture/ingest-key.ts';
import { pageParamsSchema } from '#schemas/api.ts';
import {
  createdIngestKeySchema,
  ingestKeysSchema,
  type IngestKeyView,
  newIngestKeySchema,
} from '#schemas/api/ingest-keys.ts';
import type { IngestKeyRecord, Page } from '#schemas/catalog.ts';
import type { Access } from '../access.ts';
import { changeRecord, updatedAfter } from '../conditional.ts';
import { createCredential, hashSecret } from '../credentials.ts';
import type { ApiDeps } from '../deps.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { notFound } from '../problem.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { createdResponses, idOfPageParams, jsonBody, okResponses, removedResponses } from './responses.ts';

/** Keys with which servers send events of a page. They are part of the page's record, which collect reads. */
export function ingestKeyRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listIngestKeys(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json({ rows: keysOf(page).map(toView) }, 200);
    })
    .openapi(createIngestKey(), async (c) => {
      const path = `/${c.req.valid('param').page}`;
      const credential = createCredential(deps.random);
      const key: IngestKeyRecord = {
        id: credential.id,
        label: c.req.valid('json').label,
        hash: hashSecret(credential.secret),
        createdAt: new Date(deps.now()).toISOString(),
      };
      await changeKeys(path, c.var.principal, (keys) => {
        checkLimit('ingest keys of a page', keys.length, ownerLimits.ingestKeysOfPage);
        return [...keys, key];
      });
      access.shows(c.var.principal, { kind: 'ingest-key', id: `${path} ${key.id}` });
      return c.json({ ...toView(key), secret: formatIngestKey({ page: path, ...credential }) }, 201);
    })
    .openapi(revokeIngestKey(), async (c) => {
      const { page, id } = c.req.valid('param');
      await changeKeys(`/${page}`, c.var.principal, (keys) => {
        if (!keys.some((key) => key.id === id)) throw notFound('Ingest key');
        return keys.filter((key) => key.id !== id);
      });
      return c.body(null, 204);
    });

  async function changeKeys(
    path: string,
    principal: Parameters<Access['page']>[0],
    change: (keys: readonly IngestKeyRecord[]) => IngestKeyRecord[],
  ): Promise<void> {
    await changeRecord({
      ifMatch: undefined,
      read: () => access.page(principal, path),
      toView: keysOf,
      change: (page): Page => ({
        ...page,
        ingestKeys: change(keysOf(page)),
        updatedAt: updatedAfter(page, deps.now()),
      }),
      replace: deps.catalog.replacePage,
    });
  }
}

function keysOf({ ingestKeys = [] }: Page): readonly IngestKeyRecord[] {
  return ingestKeys;
}

function toView({ id, label, createdAt }: IngestKeyRecord): IngestKeyView {
  return { id, label, createdAt };
}

const tags = ['pages'];

function listIngestKeys() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/ingest-keys',
    tags,
    operationId: 'listIngestKeys',
    summary: 'List the keys with which servers send events of a page, without their secrets',
    request: { params: pageParamsSchema },
    responses: okResponses('Keys in order of creation', ingestKeysSchema),
  });
}

function createIngestKey() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/pages/{page}/ingest-keys',
    tags,
    operationId: 'createIngestKey',
    summary: 'Create a key with which a server sends events of the page, and nothing else',
    request: { params: pageParamsSchema, body: jsonBody(newIngestKeySchema) },
    responses: createdResponses('The key with its secret, which is shown once', createdIngestKeySchema),
  });
}

function revokeIngestKey() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/pages/{page}/ingest-keys/{id}',
    tags,
    operationId: 'revokeIngestKey',
    summary: 'Revoke an ingest key; collect may know it for another minute',
    request: { params: idOfPageParams },
    responses: removedResponses('Revoked'),
  });
}
