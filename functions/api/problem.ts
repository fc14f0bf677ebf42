import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { describeFieldError, type FieldError } from '#core/field-error.ts';
import type { ProblemDetails } from '#schemas/api.ts';

/** An error response. Thrown where the error is found, and sent as problem details (RFC 9457) by `createApp`. */
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

/**
 * Leaves out values of secret fields.
 * @param detail by default a sentence about each field
 */
export function invalidRequest(given: FieldError[], detail?: string): Problem {
  const errors = given.map((error) => (secretFields.has(error.field) ? { ...error, value: null } : error));
  return new Problem(400, 'invalid-request', 'Invalid request', detail ?? errors.map(describeFieldError).join(' '), {
    errors,
  });
}

const secretFields: ReadonlySet<string> = new Set(['password', 'webhookUrl', 'botToken']);

export function unauthorized(detail: string, cause?: unknown): Problem {
  return new Problem(401, 'unauthorized', 'Unauthorized', detail, {
    headers: { 'www-authenticate': 'Bearer' },
    cause,
  });
}

export function forbidden(detail: string): Problem {
  return new Problem(403, 'forbidden', 'Forbidden', detail);
}

type Resource =
  | 'Alert'
  | 'Annotation'
  | 'Segment'
  | 'Agency'
  | 'Campaign'
  | 'Channel'
  | 'Erasure'
  | 'Export'
  | 'Funnel'
  | 'Import'
  | 'Pull'
  | 'Ingest key'
  | 'Key'
  | 'Link'
  | 'Metric'
  | 'Page'
  | 'Recipient'
  | 'Reservation'
  | 'Route'
  | 'Rule'
  | 'Share'
  | 'User';

/** Responds the same whether a resource does not exist or the caller may not see it, so that they cannot find out. */
export function notFound(resource: Resource): Problem {
  return new Problem(404, 'not-found', 'Not found', `${resource} not found, or you don't have access to it.`);
}

export function conflict(detail: string, errors?: FieldError[]): Problem {
  return new Problem(409, 'conflict', 'Conflict', detail, errors ? { errors } : {});
}

export function tooLarge(error: FieldError): Problem {
  return new Problem(413, 'too-large', 'Request too large', describeFieldError(error), { errors: [error] });
}

export function tooManyRequests(seconds: number): Problem {
  return new Problem(429, 'too-many-requests', 'Too many requests', `Try again in ${seconds} seconds.`, {
    headers: { 'retry-after': String(seconds) },
  });
}

export function unavailable(detail: string, cause: unknown): Problem {
  return new Problem(503, 'unavailable', 'Temporarily unavailable', detail, {
    headers: { 'retry-after': '5' },
    cause,
  });
}
