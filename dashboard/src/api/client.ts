import type { z } from 'zod';
import { type ProblemDetails, problemSchema } from '#schemas/api.ts';
import { type ResponseOf, buildUrl, type Input, type InputOf, type Method, type PathOf } from './routes.ts';

/** Milliseconds after which no answer is to be expected: the API's own limit is 30 s. */
const timeoutMs = 35_000;

/** The API said no: `details` is its problem (RFC 9457), with the fields that are wrong. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly details: ProblemDetails;
  constructor(details: ProblemDetails) {
    super(details.detail);
    this.details = details;
  }
}

/** No answer came: offline, or the edge does not answer. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

type Options = { signal?: AbortSignal };

/** A route that needs nothing may be asked with nothing. */
type Arguments<I extends Input> = Record<never, never> extends I ? [request?: I & Options] : [request: I & Options];

export interface ApiClient {
  /** Asks a route, and checks its answer. @throws {ApiProblem} @throws {Unreachable} */
  send<M extends Method, P extends PathOf<M>, S extends z.ZodType<ResponseOf<M, P>>>(
    method: M,
    path: P,
    schema: S,
    ...asked: Arguments<InputOf<M, P>>
  ): Promise<z.output<S>>;
  /** Deletes what a route names. @throws {ApiProblem} @throws {Unreachable} */
  remove<P extends PathOf<'delete'>>(path: P, ...asked: Arguments<InputOf<'delete', P>>): Promise<void>;
}

/**
 * @param authorize gives the value of the `authorization` header
 * @param refused is told of a 401: whoever was signed in no longer is
 */
export function createClient(authorize: () => Promise<string>, refused: () => void): ApiClient {
  async function ask(method: Method, path: string, request: Input & Options = {}): Promise<Response> {
    const headers = new Headers({ authorization: await authorize(), accept: 'application/json' });
    if (request.json !== undefined) headers.set('content-type', 'application/json');
    // The same request sent twice by a flaky network is done once.
    if (method === 'post') headers.set('idempotency-key', crypto.randomUUID());
    const options = {
      method: method.toUpperCase(),
      headers,
      ...(request.json !== undefined && { body: JSON.stringify(request.json) }),
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(request.signal ? [request.signal] : [])]),
    };
    const answer = await fetch(buildUrl(path, request), options).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new Unreachable('No connection to the service.', { cause });
    });
    if (answer.status === 401) refused();
    if (!answer.ok) throw new ApiProblem(await readProblem(answer));
    return answer;
  }
  return {
    send: async (method, path, schema, ...[request]) => {
      const answer = await ask(method, path, request);
      return schema.parse(await answer.json());
    },
    remove: async (path, ...[request]) => {
      await ask('delete', path, request);
    },
  };
}

async function readProblem(answer: Response): Promise<ProblemDetails> {
  const parsed = problemSchema.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const detail = answer.status >= 500 ? 'The service does not answer at the moment.' : 'The request was refused.';
  return { type: 'about:blank', title: answer.statusText || 'No answer', status: answer.status, detail };
}
