import type { Adapter, SdkCall, SdkRequest } from './adapter.ts';
import { readCalls } from './segment-calls.ts';

/** @jitsu/js: Segment's calls, one a request. */
export const jitsu: Adapter = { name: 'jitsu', read };

function read(request: SdkRequest): SdkCall | undefined {
  const [, type] = /^\/api\/s\/(page|track|screen|identify|group|alias)$/.exec(request.path) ?? [];
  return request.method === 'POST' && type !== undefined ? readCalls(request, type) : undefined;
}
