import { OpenAPIHono } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { ApiEnvironment } from '../dependencies.ts';
import { type FieldError, invalidRequest } from '../problem.ts';

type Issue = z.core.$ZodIssue;

const valueAt = (input: unknown, path: readonly PropertyKey[]): string | null => {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = Reflect.get(value, step);
  }
  return typeof value === 'string' ? value.slice(0, 200) : (JSON.stringify(value)?.slice(0, 200) ?? null);
};

const errorsOf = (issue: Issue, input: unknown): FieldError[] => {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((field) => ({
      field,
      value: valueAt(input, [field]),
      allowed: 'not a parameter of this route',
    }));
  return [{ field: issue.path.join('.'), value: valueAt(input, issue.path), allowed: issue.message }];
};

/** A router whose invalid input ends as a problem that names field, value and what is allowed. */
export const newRouter = () =>
  new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result, c) => {
      if (result.success) return;
      const input = result.target === 'query' ? c.req.query() : c.req.param();
      throw invalidRequest(result.error.issues.flatMap((issue) => errorsOf(issue, input)));
    },
  });
