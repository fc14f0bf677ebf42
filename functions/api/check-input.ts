import type { MiddlewareHandler } from 'hono';
import { type FieldError, unknownField } from '#core/field-error.ts';
import type { ApiEnvironment } from './deps.ts';
import { invalidRequest, tooLarge } from './problem.ts';

/** Bytes of a body: an import of `importLimits.bytes` as JSON. */
const bodyLimit = 2_100_000;
/** Levels of objects and lists in a body. */
const depthLimit = 8;

/**
 * Refuses text that the stores can't hold (NUL, halves of surrogate pairs), names that would change a prototype, and
 * bodies that are too large or too deep, so that they are the caller's error and never a store's.
 * @throws {Problem} 400 or 413 naming the field
 */
export function checkInput(): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const path = checkText('path', decodePath(c.req.path), hasControls);
    const query = Object.entries(c.req.queries()).flatMap(([name, values]) =>
      values.flatMap((value) => checkText(name, value, hasControls)),
    );
    const body = await c.req.text();
    const bytes = Buffer.byteLength(body);
    if (bytes > bodyLimit)
      throw tooLarge({ field: 'body', value: `${bytes} bytes`, allowed: `at most ${bodyLimit} bytes` });
    const errors = [...path, ...query, ...checkValue('', parseJson(body), 0)];
    if (errors.length > 0) throw invalidRequest(errors.slice(0, errorLimit));
    return next();
  };
}

/** Errors that a response lists. */
const errorLimit = 20;

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function hasNul(text: string): boolean {
  return text.includes('\0');
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // The router matches it as it is.
    return path;
  }
}

/** Returns undefined for what is no JSON: the route says so. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkText(field: string, text: string, isForbidden: (text: string) => boolean): FieldError[] {
  return text.isWellFormed() && !isForbidden(text)
    ? []
    : [{ field, value: JSON.stringify(text).slice(0, 200), allowed: 'text without control characters' }];
}

const prototypeNames = new Set(['__proto__', 'constructor', 'prototype']);

function checkValue(field: string, value: unknown, depth: number): FieldError[] {
  if (typeof value === 'string') return checkText(field || 'body', value, hasNul);
  if (typeof value !== 'object' || value === null) return [];
  if (depth === depthLimit)
    return [{ field: field || 'body', value: null, allowed: `at most ${depthLimit} levels deep` }];
  const entries = Array.isArray(value)
    ? value.map((each, index): [string, unknown] => [`${field || 'body'}[${index}]`, each])
    : Object.entries(value).map(([name, each]): [string, unknown] => [field === '' ? name : `${field}.${name}`, each]);
  const names = Array.isArray(value) ? [] : Object.keys(value).filter((name) => prototypeNames.has(name));
  return [
    ...names.map((name) => ({ field: field === '' ? name : `${field}.${name}`, value: null, allowed: unknownField })),
    ...entries.flatMap(([name, each]) => checkValue(name, each, depth + 1)),
  ];
}
