import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { z } from 'zod';
import type { ApiEnvironment } from '../deps.ts';
import { type FieldError, invalidRequest } from '../problem.ts';

/** A router whose invalid input ends as a problem that names field, value and what is allowed. */
export function createRouter() {
  return new OpenAPIHono<ApiEnvironment>({
    defaultHook: async (result, c) => {
      if (result.success) return;
      const input: unknown = await inputOf(result.target, c);
      throw invalidRequest(result.error.issues.flatMap((issue) => errorsOf(issue, input)));
    },
  });
}

function inputOf(target: string, c: Context): unknown {
  if (target === 'query') return c.req.query();
  return target === 'json' ? c.req.json<unknown>() : c.req.param();
}

type Issue = z.core.$ZodIssue;

function errorsOf(issue: Issue, input: unknown): FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((field) => ({
      field: fieldOf([...issue.path, field]),
      value: valueAt(input, [...issue.path, field]),
      allowed: 'not known here',
    }));
  return [{ field: fieldOf(issue.path), value: valueAt(input, issue.path), allowed: issue.message }];
}

/** `alerts.recipients[1]` */
function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, step) =>
      typeof step === 'number' ? `${name}[${step}]` : name === '' ? String(step) : `${name}.${String(step)}`,
    '',
  );
}

function valueAt(input: unknown, path: readonly PropertyKey[]): string | null {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = Reflect.get(value, step);
  }
  return typeof value === 'string' ? value.slice(0, 200) : (JSON.stringify(value)?.slice(0, 200) ?? null);
}
