import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { BehaviorModel, DistributionModel } from '../template/model.ts';
import { createOrigin, type Origin, type OriginServices } from './origins.ts';
import type { EdgeRequest, EdgeResponse } from './request.ts';
import { forwardCookies, forwardHeaders, forwardQuery } from './selection.ts';
import { compileViewerFunction, type ViewerFunction } from './viewer-function.ts';

interface Behavior {
  model: BehaviorModel;
  matches: (path: string) => boolean;
  viewerRequest: ViewerFunction | undefined;
  origin: Origin;
}

/** Simulates CloudFront: picks a behaviour, runs its viewer function, forwards to the origin, and applies the response policy. */
export function createDistribution(
  model: DistributionModel,
  services: OriginServices,
): (request: EdgeRequest) => Promise<EdgeResponse> {
  const compiled = new Map<string, ViewerFunction>();
  function viewerFunction(code: string | undefined): ViewerFunction | undefined {
    if (code === undefined) return undefined;
    const present = compiled.get(code) ?? compileViewerFunction(code, model.domain);
    compiled.set(code, present);
    return present;
  }
  const behaviors = model.behaviors.map(
    (behavior): Behavior => ({
      model: behavior,
      matches: pathMatcher(behavior.pattern),
      viewerRequest: viewerFunction(behavior.viewerRequest),
      origin: createOrigin(behavior.origin, services),
    }),
  );

  return async (received) => {
    const path =
      received.path === '/' && model.defaultRootObject !== '' ? `/${model.defaultRootObject}` : received.path;
    const behavior = behaviors.find(({ matches }) => matches(path));
    if (!behavior?.model.methods.includes(received.method))
      return refused(`${received.method} ${path} is not allowed by any cache behaviour`);
    const verdict = behavior.viewerRequest?.({ ...received, path }) ?? {
      kind: 'request',
      request: { ...received, path },
    };
    const answer =
      verdict.kind === 'response' ? verdict.response : await behavior.origin(toOrigin(verdict.request, behavior.model));
    const finished = applyPolicy(answer, received, behavior.model);
    return behavior.model.compress ? compress(finished, received.headers['accept-encoding'] ?? '') : finished;
  };
}

/** Compiles a path pattern: `*` matches any characters, `?` exactly one. The leading slash is optional. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const source = pattern
    .replace(/^\/?/, '/')
    .replaceAll(/[.+^$|()[\]{}\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`);
  return pattern === '*' ? () => true : (path) => expression.test(path);
}

function refused(text: string): EdgeResponse {
  return {
    status: 403,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(text),
  };
}

function toOrigin(request: EdgeRequest, model: BehaviorModel): EdgeRequest {
  const cookie = forwardCookies(request.headers['cookie'], model.forwardedCookies);
  return {
    ...request,
    query: forwardQuery(request.query, model.forwardedQuery),
    headers: {
      ...forwardHeaders(request.headers, model.forwardedHeaders),
      ...request.replay,
      ...(cookie === undefined ? {} : { cookie }),
    },
  };
}

function applyPolicy(response: EdgeResponse, request: EdgeRequest, model: BehaviorModel): EdgeResponse {
  const headers = { ...response.headers };
  for (const name of model.removedHeaders) delete headers[name];
  for (const { name, value, override, toRequestsWith } of model.responseHeaders) {
    if (toRequestsWith !== undefined && request.headers[toRequestsWith] === undefined) continue;
    if (override || !(name in headers)) headers[name] = value;
  }
  return { ...response, headers };
}

const gzip = promisify(zlib.gzip);

const brotli = promisify(zlib.brotliCompress);

const compressible = /^(text\/|application\/(json|javascript|xml|wasm|manifest\+json)|image\/svg)/;

/** CloudFront compresses only bodies of this size, in bytes. */
const compressedSizes = { smallest: 1000, largest: 10_000_000 };

async function compress(response: EdgeResponse, accepted: string): Promise<EdgeResponse> {
  const type = response.headers['content-type'];
  const size = response.body.length;
  const eligible =
    typeof type === 'string' &&
    compressible.test(type) &&
    response.headers['content-encoding'] === undefined &&
    size >= compressedSizes.smallest &&
    size <= compressedSizes.largest;
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
  if (!eligible || encoding === undefined) return response;
  const quality = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } };
  const body = encoding === 'br' ? await brotli(response.body, quality) : await gzip(response.body);
  const { 'content-length': _length, ...headers } = response.headers;
  return { ...response, headers: { ...headers, 'content-encoding': encoding, vary: 'accept-encoding' }, body };
}
