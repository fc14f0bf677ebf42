import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ProblemDetails } from '#schemas/api.ts';

export interface FieldError {
  field: string;
  value: string | null;
  allowed: string;
}

/** An answer other than success, as RFC 9457 has it; thrown where it is found and answered in one place. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: ContentfulStatusCode;
  readonly kind: string;
  readonly title: string;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: ContentfulStatusCode,
    kind: string,
    title: string,
    detail: string,
    more: { errors?: FieldError[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause });
    this.status = status;
    this.kind = kind;
    this.title = title;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }
}

export function invalidRequest(errors: FieldError[]): Problem {
  const [first] = errors;
  const detail = first
    ? `${first.field} is ${JSON.stringify(first.value)}; allowed: ${first.allowed}`
    : 'invalid request';
  return new Problem(400, 'invalid-request', 'The request cannot be served', detail, { errors });
}

/** The same for what does not exist and for what is someone else's, so that nothing can be guessed. */
export function notFound(): Problem {
  return new Problem(404, 'not-found', 'Not found', 'There is nothing here for you.');
}

export function unauthorized(detail: string, cause?: unknown): Problem {
  return new Problem(401, 'unauthorized', 'A valid bearer token is needed', detail, {
    headers: { 'www-authenticate': 'Bearer' },
    cause,
  });
}

export function forbidden(detail: string): Problem {
  return new Problem(403, 'forbidden', 'Not allowed', detail);
}

/** More than one request may hold: the client is told how much that is, and sends it in parts. */
export function tooLarge(error: FieldError): Problem {
  return new Problem(
    413,
    'too-large',
    'That is too much for one request',
    `${error.field} has ${error.value}; allowed: ${error.allowed}`,
    { errors: [error] },
  );
}

/** Somebody else has it, or is at it. */
export function conflict(detail: string, errors?: FieldError[]): Problem {
  return new Problem(409, 'conflict', 'That is taken', detail, errors ? { errors } : {});
}

export function tooManyRequests(seconds: number): Problem {
  return new Problem(429, 'too-many-requests', 'Too many requests', `Come back in ${seconds} seconds.`, {
    headers: { 'retry-after': String(seconds) },
  });
}

export function unavailable(detail: string, cause: unknown): Problem {
  return new Problem(503, 'unavailable', 'Try again shortly', detail, { headers: { 'retry-after': '5' }, cause });
}

export function problemResponse(c: Context, problem: Problem): Response {
  const body: ProblemDetails = {
    type: `urn:hopcount:problem:${problem.kind}`,
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    ...(problem.errors && { errors: problem.errors }),
  };
  return c.body(JSON.stringify(body), problem.status, {
    ...problem.headers,
    'content-type': 'application/problem+json',
  });
}
