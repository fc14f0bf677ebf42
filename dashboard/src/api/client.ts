import { z } from 'zod';
import { type ProblemDetails, problemSchema } from '#schemas/api.ts';

/** Milliseconds after which no answer is to be expected: the API's own limit is 30 s. */
const patience = 35_000;

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

type Parameters = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Parameters;
  body?: unknown;
  signal?: AbortSignal;
}

export interface ApiClient {
  /** Sends one request below `/api/v1`. @throws {ApiProblem} @throws {Unreachable} */
  send<Schema extends z.ZodType>(path: string, schema: Schema, request?: Request): Promise<z.output<Schema>>;
}

const hrefOf = (path: string, query: Parameters = {}): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value));
  const text = parameters.toString();
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`;
};

const problemOf = async (answer: Response): Promise<ProblemDetails> => {
  const parsed = problemSchema.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const detail = answer.status >= 500 ? 'The service does not answer at the moment.' : 'The request was refused.';
  return { type: 'about:blank', title: answer.statusText || 'No answer', status: answer.status, detail };
};

/**
 * @param authorize gives the value of the `authorization` header
 * @param refused is told of a 401: whoever was signed in no longer is
 */
export const createClient = (authorize: () => Promise<string>, refused: () => void): ApiClient => ({
  send: async (path, schema, { method = 'GET', query, body, signal } = {}) => {
    const headers = new Headers({ authorization: await authorize(), accept: 'application/json' });
    if (body !== undefined) headers.set('content-type', 'application/json');
    // The same request sent twice by a flaky network is done once.
    if (method === 'POST') headers.set('idempotency-key', crypto.randomUUID());
    const options = {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])]),
    };
    const answer = await fetch(hrefOf(path, query), options).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new Unreachable('No connection to the service.', { cause });
    });
    if (answer.status === 401) refused();
    if (!answer.ok) throw new ApiProblem(await problemOf(answer));
    return schema.parse(answer.status === 204 ? null : await answer.json());
  },
});

/** Answer of a route that has none to give. */
export const nothing = z.unknown();
