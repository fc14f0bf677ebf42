import { z } from 'zod';
import { pageParamsSchema, problemSchema } from '#schemas/api.ts';

/** Error responses of every route. */
const problems = {
  400: problem('Invalid request; `errors` has each invalid field'),
  401: problem('The token, key or share is missing or invalid'),
  403: problem("The caller's role or the key's scopes don't allow it"),
  404: problem("Not found, or you don't have access to it"),
  429: problem('Too many requests; `retry-after` has the seconds to wait'),
  503: problem('Temporarily unavailable'),
};

/** Error responses of routes that change a resource. */
const conditions = {
  409: problem('It was changed by others at the same time'),
  412: problem('It has changed since you read the version of `if-match`'),
};

export function okResponses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { 200: json(description, schema), ...problems };
}

export function changedResponses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { 200: json(description, schema), ...problems, ...conditions };
}

export function createdResponses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return {
    201: json(description, schema),
    ...problems,
    409: problem('It exists already, or the first request with this idempotency key is being processed'),
    422: problem('The idempotency key was used for another request'),
  };
}

/** Responses of a POST that starts a job. */
export function acceptedResponses<Schema extends z.ZodType>(description: string, schema: Schema) {
  return {
    202: json(description, schema),
    ...problems,
    409: problem('The first request with this idempotency key is being processed'),
    422: problem('The idempotency key was used for another request'),
  };
}

export function removedResponses(description: string) {
  return { 204: { description }, ...problems, ...conditions };
}

export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return {
    content: { 'application/json': { schema } },
    required: true,
  };
}

export const idParams = z.object({ id: z.string().max(64).meta({ example: '4hw0z1ab' }) });
export const idOfPageParams = z.object({ ...pageParamsSchema.shape, ...idParams.shape });

function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return {
    description,
    content: { 'application/json': { schema } },
  };
}

function problem(description: string) {
  return {
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  };
}
