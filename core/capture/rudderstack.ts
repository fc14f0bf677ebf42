import { type Adapter, answer, json, type SdkCall, type SdkRequest } from './adapter.ts';
import { readCalls } from './segment-calls.ts';
import { isObject, objectOf } from './values.ts';

/** @rudderstack/analytics-js and @rudderstack/rudder-sdk-node. */
export const rudderstack: Adapter = { name: 'rudderstack', neverFails: true, read };

function read(request: SdkRequest): SdkCall | undefined {
  const { method, path, query, body } = request;
  if (method === 'GET' && /^\/sourceConfig\/?$/.test(path)) return answer(settings(query.get('writeKey') ?? ''));
  if (method !== 'POST') return undefined;
  const [, type] = /^\/v1\/(page|track|screen|identify|group|alias)$/.exec(path) ?? [];
  if (type !== undefined) return readCalls(request, type);
  return path === '/v1/batch' && isRudderBatch(body) ? readCalls(request, undefined) : undefined;
}

/** Segment's Node SDK has the same path. */
function isRudderBatch(body: unknown): boolean {
  const { batch } = objectOf(body);
  return Array.isArray(batch) && batch.some((call) => isObject(call) && 'originalTimestamp' in call);
}

/** Without settings, the SDK for browsers sends nothing. */
function settings(writeKey: string) {
  return json({
    source: {
      id: 'hopcount',
      name: 'hopcount',
      writeKey,
      enabled: true,
      workspaceId: 'hopcount',
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      connections: [],
      destinations: [],
      dataplanes: {},
    },
    updatedAt: '2026-11-29T00:00:00.000Z',
  });
}
