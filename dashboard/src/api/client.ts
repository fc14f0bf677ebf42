import type { z } from 'zod';
import { type ProblemDetails, problemSchema } from '#schemas/api.ts';
import { type ResponseOf, buildUrl, type Input, type InputOf, type Method, type PathOf } from './routes.ts';

/** Milliseconds. The API's own limit is 30 s. */
const timeoutMs = 35_000;

/** An error response of the API; `details` follows RFC 9457 and names the invalid fields. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly details: ProblemDetails;
  constructor(details: ProblemDetails) {
    super(details.detail);
    this.details = details;
  }
}

/** No response arrived: the browser is offline or the service is down. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

interface Options {
  signal?: AbortSignal;
  /** An earlier response: the change is refused with status 412 if the resource is another by now. */
  ifUnchanged?: object;
  /** Has the API compute its response again. @default false: a dashboard may be five minutes old */
  fresh?: boolean;
}

/** The request is optional for routes without required input. */
type Arguments<I extends Input> = Record<never, never> extends I ? [request?: I & Options] : [request: I & Options];

export interface ApiClient {
  /** Calls a route and parses its response. @throws {ApiProblem} @throws {Unreachable} */
  send<M extends Method, P extends PathOf<M>, S extends z.ZodType<ResponseOf<M, P>>>(
    method: M,
    path: P,
    schema: S,
    ...args: Arguments<InputOf<M, P>>
  ): Promise<z.output<S>>;
  /** Calls a `DELETE` route. @throws {ApiProblem} @throws {Unreachable} */
  remove<P extends PathOf<'delete'>>(path: P, ...args: Arguments<InputOf<'delete', P>>): Promise<void>;
}

/**
 * @param authorize returns the value of the `authorization` header
 * @param onUnauthorized is called when a response has status 401
 */
export function createClient(
  authorize: () => Promise<string>,
  onUnauthorized: (problem: ProblemDetails) => void,
): ApiClient {
  /** Etags by parsed response. */
  const tags = new WeakMap<object, string>();

  async function fetchRoute(method: Method, path: string, request: Input & Options = {}): Promise<Response> {
    const headers = new Headers({ authorization: await authorize(), accept: 'application/json' });
    if (request.json !== undefined) headers.set('content-type', 'application/json');
    if (request.fresh) headers.set('cache-control', 'no-cache');
    // A request that the network repeats is executed once.
    if (method === 'post') headers.set('idempotency-key', crypto.randomUUID());
    const tag = request.ifUnchanged && tags.get(request.ifUnchanged);
    if (tag !== undefined) headers.set('if-match', tag);
    const options = {
      method: method.toUpperCase(),
      headers,
      ...(request.json !== undefined && { body: JSON.stringify(request.json) }),
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(request.signal ? [request.signal] : [])]),
    };
    const response = await fetch(buildUrl(path, request), options).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new Unreachable('Couldn’t reach the server. Check your connection.', { cause });
    });
    if (response.ok) return response;
    const problem = await readProblem(response);
    if (response.status === 401) onUnauthorized(problem);
    throw new ApiProblem(problem);
  }
  return {
    send: async (method, path, schema, ...[request]) => {
      const response = await fetchRoute(method, path, request);
      const parsed = schema.parse(await response.json());
      const tag = response.headers.get('etag');
      if (tag !== null && typeof parsed === 'object' && parsed !== null) tags.set(parsed, tag);
      return parsed;
    },
    remove: async (path, ...[request]) => {
      await fetchRoute('delete', path, request);
    },
  };
}

async function readProblem(response: Response): Promise<ProblemDetails> {
  const parsed = problemSchema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const { status } = response;
  const detail =
    status >= 500 ? 'The server is temporarily unavailable.' : `The server rejected the request (status ${status}).`;
  return { type: 'about:blank', title: response.statusText || 'Request failed', status, detail };
}
