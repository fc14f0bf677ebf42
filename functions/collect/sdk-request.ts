import type { SdkRequest } from '#core/capture/adapter.ts';
import type { EdgeRequest } from '#core/edge/edge-request.ts';
import { pagePathPattern } from '#schemas/catalog-rules.ts';
import { sdkHeader } from '#schemas/edge-headers.ts';

/** Where a page's SDKs send: `/e/ada/v1/batch` is page `/ada` and path `/v1/batch`. */
export interface Mount {
  page: string;
  path: string;
}

export function parseMount(path: string): Mount | undefined {
  const [, page = '', rest = ''] = /^\/e(\/[^/]+)(\/.*)$/.exec(path) ?? [];
  return pagePathPattern.test(page) ? { page, path: rest } : undefined;
}

/** @param decode returns the parsed JSON; undefined if there is none, or none that can be read */
export function toSdkRequest({ method, query, headers }: EdgeRequest, path: string, decode: () => unknown): SdkRequest {
  const values = packed(headers);
  const clientId = values.get('openpanel-client-id') ?? undefined;
  let body: { json: unknown } | undefined;
  return {
    method,
    path,
    query: new URLSearchParams(query),
    get body() {
      body ??= { json: decode() };
      return body.json;
    },
    authorization: authorizationOf(values),
    clientId,
  };
}

/** Returns the names of headers that a preflight asks for. */
export function requestedHeaders({ headers }: EdgeRequest): string {
  const names = packed(headers).get('access-control-request-headers') ?? '';
  return names.split(',').filter(isHeaderName).join(',');
}

function isHeaderName(name: string): boolean {
  return /^\s*[\w-]{1,100}\s*$/.test(name);
}

/** Returns the user name of `Authorization: Basic`, or the key in a header of an SDK's own. */
function authorizationOf(values: URLSearchParams): string | undefined {
  const [, basic] = /^Basic +(\S+)$/i.exec(values.get('authorization') ?? '') ?? [];
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString('utf8').split(':', 1)[0];
  return values.get('x-write-key') ?? values.get('openpanel-client-secret') ?? undefined;
}

/** The viewer function packs them: lib/edge/viewer-request.js. */
function packed(headers: EdgeRequest['headers']): URLSearchParams {
  return new URLSearchParams(headers[sdkHeader] ?? '');
}
