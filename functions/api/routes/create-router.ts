import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { describeIssue, type FieldError, formatPath, pathsOf } from '#core/field-error.ts';
import type { ApiEnvironment } from '../deps.ts';
import { invalidRequest } from '../problem.ts';

// The validators of @hono/zod-openapi take no error map of their own.
z.config({ localeError: describeIssue });

/** Returns a router that turns invalid input into a problem with each field, its value and what is allowed. */
export function createRouter() {
  return new OpenAPIHono<ApiEnvironment>({
    defaultHook: async (result, c) => {
      if (result.success) return;
      const input = await readInput(result.target, c);
      throw invalidRequest(result.error.issues.flatMap((issue) => toFieldErrors(issue, input)));
    },
  });
}

async function readInput(target: string, c: Context): Promise<unknown> {
  if (target === 'query') return mapSingles(c.req.queries());
  return target === 'json' ? c.req.json<unknown>() : c.req.param();
}

/** A parameter that is given once is its value. */
function mapSingles(queries: Record<string, string[]>): Record<string, string | string[] | undefined> {
  return Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );
}

function toFieldErrors(issue: z.core.$ZodIssue, input: unknown): FieldError[] {
  return pathsOf(issue).map((path) => ({
    field: formatPath(path),
    value: secretFields.has(path.at(-1) ?? '') ? null : readValue(input, path),
    allowed: issue.message,
  }));
}

/** What no response repeats. */
const secretFields: ReadonlySet<PropertyKey> = new Set(['token', 'botToken']);

/** Longest value that a response repeats. */
const longestValue = 200;

function readValue(input: unknown, path: readonly PropertyKey[]): string | null {
  let value = input;
  for (const step of path) {
    // The first value of a parameter that may be repeated.
    if (typeof value === 'string' && step === 0) continue;
    if (typeof value !== 'object' || value === null) return null;
    value = Reflect.get(value, step);
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text?.slice(0, longestValue) ?? null;
}
