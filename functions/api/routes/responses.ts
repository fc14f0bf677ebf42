import type { z } from 'zod';
import { problemSchema } from '#schemas/api.ts';

/** The problems that any route may meet. */
const problems = {
  400: problem('Something of the request cannot be served; `errors` names it'),
  401: problem('No valid token, key or share'),
  403: problem('Not allowed for this role, or beyond the scopes of the key'),
  404: problem('Unknown, or not yours'),
  429: problem('Too many requests; `retry-after` says when to come back'),
  503: problem('A store does not answer at the moment'),
};

/** Answers of a route that reads or changes. */
export function okResponses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return {
    200: json(description, schema),
    ...problems,
  };
}

function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return {
    description,
    content: { 'application/json': { schema } },
  };
}

/** Answers of a POST that creates. */
export function createdResponses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return {
    201: json(description, schema),
    ...problems,
    409: problem('It exists already, or the same idempotency key is being served'),
    422: problem('The idempotency key was used for another request'),
  };
}

function problem(description: string) {
  return {
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  };
}

/** Answers of a POST whose job goes on after the answer. */
export function acceptedResponses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return {
    202: json(description, schema),
    ...problems,
    409: problem('The same idempotency key is being served'),
    422: problem('The idempotency key was used for another request'),
  };
}

export function removedResponses(description: string) {
  return { 204: { description }, ...problems };
}

/** A request body of JSON. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return {
    content: { 'application/json': { schema } },
    required: true,
  };
}
