import type { ExtractSchema } from 'hono/types';
import type { AppType } from '#functions/api/create-app.ts';

/**
 * Routes of the API, out of the type of its application: a path, a parameter or an answer that the API does not have
 * does not compile here.
 */
type Schema = ExtractSchema<AppType>;

const base = '/api/v1';
type Base = typeof base;

type Path = keyof Schema extends infer Full ? (Full extends `${Base}${infer Rest}` ? Rest : never) : never;
type Endpoints<P extends Path> = Schema[`${Base}${P}`];

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Named<M extends Method> = `$${M}`;

/** Paths below `/api/v1` that know the method: `/pages/:page/stats`. */
export type PathOf<M extends Method> = {
  [P in Path]: Named<M> extends keyof Endpoints<P> ? P : never;
}[Path];

type Endpoint<M extends Method, P extends PathOf<M>> = Endpoints<P> extends Record<Named<M>, infer E> ? E : never;

/** What any route may be asked with. */
export interface Input {
  param?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, unknown>>;
  json?: unknown;
}

/** What a route is asked with. */
export type InputOf<M extends Method, P extends PathOf<M>> =
  Endpoint<M, P> extends { input: infer I extends Input } ? I : never;

/** What it answers where it does as it was asked. */
export type ResponseOf<M extends Method, P extends PathOf<M>> =
  Extract<Endpoint<M, P>, { status: 200 | 201 | 202 }> extends { output: infer O } ? O : never;

/** A stretch of a list; `next` leads to the one after it. */
export interface Listing<Row> {
  rows: Row[];
  next: string | null;
}

/** Where a route is, its parameters filled in; values that are missing or empty are not asked for. */
export function buildUrl(path: string, { param = {}, query = {} }: Input): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(param[name] ?? ''));
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (toText(value) !== '') parameters.set(name, toText(value));
  return base + filled + (parameters.size === 0 ? '' : `?${parameters.toString()}`);
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
