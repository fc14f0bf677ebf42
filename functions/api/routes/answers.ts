import type { z } from 'zod';
import { problemSchema } from '#schemas/api.ts';

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** The answers of a route that reads: its own, and the problems that any of them may meet. */
export const answersOf = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  200: { description, content: { 'application/json': { schema } } },
  400: problem('A parameter cannot be served; `errors` names it'),
  401: problem('No valid bearer token'),
  404: problem('Unknown, or not yours'),
  503: problem('A store does not answer at the moment'),
});
