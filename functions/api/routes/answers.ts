import type { z } from 'zod';
import { problemSchema } from '#schemas/api.ts';

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

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
export const answersOf = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  200: json(description, schema),
  ...problems,
});

/** Answers of a POST that creates. */
export const createdOf = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  201: json(description, schema),
  ...problems,
  409: problem('It exists already, or the same idempotency key is being served'),
  422: problem('The idempotency key was used for another request'),
});

/** Answers of a POST whose job goes on after the answer. */
export const acceptedOf = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  202: json(description, schema),
  ...problems,
  409: problem('The same idempotency key is being served'),
  422: problem('The idempotency key was used for another request'),
});

export const removedOf = (description: string) => ({ 204: { description }, ...problems });

/** A request body of JSON. */
export const bodyOf = <Schema extends z.ZodType>(schema: Schema) => ({
  content: { 'application/json': { schema } },
  required: true,
});
