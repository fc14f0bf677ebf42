import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { listQuery } from '#schemas/api/listing.ts';
import { createdKeySchema, keysSchema, newKeySchema } from '#schemas/api/users.ts';
import type { ApiKeyRecord } from '#stores/catalog/api-keys.ts';
import type { Access } from '../access.ts';
import { hashSecret, formatKey, newCredential } from '../credentials.ts';
import { toListing, parseCursor } from '../listing.ts';
import type { ApiDeps } from '../deps.ts';
import { notFound } from '../problem.ts';
import { okResponses, jsonBody, createdResponses, removedResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['keys'];

const list = createRoute({
  method: 'get',
  path: '/keys',
  tags,
  operationId: 'listKeys',
  summary: 'Your keys, without their secrets',
  request: { query: z.strictObject(listQuery) },
  responses: okResponses('Keys by id', keysSchema),
});
const create = createRoute({
  method: 'post',
  path: '/keys',
  tags,
  operationId: 'createKey',
  summary: 'Make a key that may what you may, within its scopes',
  request: { body: jsonBody(newKeySchema) },
  responses: createdResponses('The key with its secret, which is shown once', createdKeySchema),
});
const revoke = createRoute({
  method: 'delete',
  path: '/keys/{id}',
  tags,
  operationId: 'revokeKey',
  summary: 'Revoke one of your keys at once',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: removedResponses('Revoked'),
});

export function keyRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(list, async (c) => {
      const { subject } = access.user(c.var.principal);
      const { cursor, limit } = c.req.valid('query');
      const keys = await deps.keys.listAfter(subject, parseCursor(cursor)[0], limit + 1);
      const { rows, next } = toListing(keys, limit, ({ id }) => id);
      return c.json({ rows: rows.map(shown), next }, 200);
    })
    .openapi(create, async (c) => {
      const { subject } = access.user(c.var.principal);
      const { label, scopes } = c.req.valid('json');
      const credential = newCredential(deps.random);
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
      return c.json({ ...shown(key), secret: formatKey(credential) }, 201);
    })
    .openapi(revoke, async (c) => {
      const { subject } = access.user(c.var.principal);
      const key = await deps.keys.get(c.req.valid('param').id);
      if (key === undefined || key.subject !== subject) throw notFound();
      await deps.keys.remove(key.id);
      return c.body(null, 204);
    });
}

function shown({ id, label, scopes, createdAt, lastUsedAt }: ApiKeyRecord) {
  return {
    id,
    label,
    scopes,
    createdAt,
    lastUsedAt,
  };
}
