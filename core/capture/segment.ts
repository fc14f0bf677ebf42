import { type Adapter, answer, json, type SdkCall, type SdkRequest } from './adapter.ts';
import { readCalls } from './segment-calls.ts';

/** @segment/analytics-next and @segment/analytics-node. */
export const segment: Adapter = { name: 'segment', read };

function read(request: SdkRequest): SdkCall | undefined {
  const { method, path } = request;
  const [, key] = /^\/v1\/projects\/([^/]+)\/settings$/.exec(path) ?? [];
  if (method === 'GET' && key !== undefined) return answer(settings(key));
  if (method !== 'POST') return undefined;
  if (path === '/v1/m') return answer(json({ success: true }), ['metrics']);
  return types.has(path) ? readCalls(request, types.get(path)) : undefined;
}

/** Types of call by path; a batch names them itself. */
const types: ReadonlyMap<string, string | undefined> = new Map([
  ['/v1/p', 'page'],
  ['/v1/t', 'track'],
  ['/v1/s', 'screen'],
  ['/v1/i', 'identify'],
  ['/v1/g', 'group'],
  ['/v1/a', 'alias'],
  ['/v1/b', undefined],
  ['/v1/batch', undefined],
]);

/** Without settings, the SDK sends nothing. Without `metrics`, it sends none of its own. */
function settings(apiKey: string) {
  return json({
    integrations: { 'Segment.io': { apiKey } },
    plan: { track: { __default: { enabled: true } } },
    edgeFunction: {},
    enabledMiddleware: {},
  });
}
