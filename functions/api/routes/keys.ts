import { z } from 'zod';
import { listQuery } from '#schemas/api/listing.ts';
import { createdKeySchema, keysSchema, newKeySchema } from '#schemas/api/users.ts';
import type { ApiKeyRecord } from '#stores/catalog/api-keys.ts';
import type { Access } from '../access.ts';
import { createCredential, formatKey, hashSecret } from '../credentials.ts';
import type { ApiDeps } from '../deps.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { readListing } from '../listing.ts';
import { notFound } from '../problem.ts';
import { toKeyView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { createdResponses, idParams, jsonBody, okResponses, removedResponses } from './responses.ts';

export function keyRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listKeys(), async (c) => {
      const { subject } = access.user(c.var.principal);
      const listing = await readListing(c.req.valid('query'), {
        readAfter: (id, limit) => deps.keys.listAfter(subject, id, limit),
        keyOf: ({ id }) => id,
        toView: toKeyView,
      });
      return c.json(listing, 200);
    })
    .openapi(createKey(), async (c) => {
      const { subject } = access.user(c.var.principal);
      const { label, scopes } = c.req.valid('json');
      const stored = await deps.keys.listAfter(subject, undefined, ownerLimits.keysOfUser);
      checkLimit('API keys of a user', stored.length, ownerLimits.keysOfUser);
      const credential = createCredential(deps.random);
      const key: ApiKeyRecord = {
        id: credential.id,
        subject,
        label,
        scopes: [...new Set(scopes)],
        hash: hashSecret(credential.secret),
        createdAt: new Date(deps.now()).toISOString(),
        lastUsedAt: null,
      };
      await deps.keys.create(key);
      access.shows(c.var.principal, { kind: 'key', id: key.id });
      return c.json({ ...toKeyView(key), secret: formatKey(credential) }, 201);
    })
    .openapi(revokeKey(), async (c) => {
      const { subject } = access.user(c.var.principal);
      const key = await deps.keys.get(c.req.valid('param').id);
      if (key === undefined || key.subject !== subject) throw notFound('Key');
      await deps.keys.remove(key.id);
      return c.body(null, 204);
    });
}

const tags = ['keys'];

function listKeys() {
  return defineRoute('users', {
    method: 'get',
    path: '/keys',
    tags,
    operationId: 'listKeys',
    summary: 'List your API keys, without their secrets',
    request: { query: z.strictObject(listQuery) },
    responses: okResponses('Keys by id', keysSchema),
  });
}

function createKey() {
  return defineRoute('users', {
    method: 'post',
    path: '/keys',
    tags,
    operationId: 'createKey',
    summary: 'Create an API key with your access, within its scopes',
    request: { body: jsonBody(newKeySchema) },
    responses: createdResponses('The key with its secret, which is shown once', createdKeySchema),
  });
}

function revokeKey() {
  return defineRoute('users', {
    method: 'delete',
    path: '/keys/{id}',
    tags,
    operationId: 'revokeKey',
    summary: 'Revoke one of your API keys immediately',
    request: { params: idParams },
    responses: removedResponses('Revoked'),
  });
}
