import type { ExtractSchema } from 'hono/types';
import type { AppType } from '#functions/api/create-app.ts';

/** The API's routes, from its application's type: a path or parameter that the API doesn't have is a compile error. */
type Schema = ExtractSchema<AppType>;

const base = '/api/v1';
type Base = typeof base;

type Path = keyof Schema extends infer Full ? (Full extends `${Base}${infer Rest}` ? Rest : never) : never;
type Endpoints<P extends Path> = Schema[`${Base}${P}`];

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Named<M extends Method> = `$${M}`;

/** Paths below `/api/v1` that have the method: `/pages/:page/stats`. */
export type PathOf<M extends Method> = {
  [P in Path]: Named<M> extends keyof Endpoints<P> ? P : never;
}[Path];

type Endpoint<M extends Method, P extends PathOf<M>> = Endpoints<P> extends Record<Named<M>, infer E> ? E : never;

/** The input of any route. */
export interface Input {
  param?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, unknown>>;
  json?: unknown;
}

export type InputOf<M extends Method, P extends PathOf<M>> =
  Endpoint<M, P> extends { input: infer I extends Input } ? I : never;

/** The body of a successful response. */
export type ResponseOf<M extends Method, P extends PathOf<M>> =
  Extract<Endpoint<M, P>, { status: 200 | 201 | 202 }> extends { output: infer O } ? O : never;

/** One page of a list; `next` is the cursor of the following page. */
export interface Listing<Row> {
  rows: Row[];
  next: string | null;
}

/** Fills in the parameters of a path; missing and empty query values are omitted, but not those of a list. */
export function buildUrl(path: string, { param = {}, query = {} }: Input): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(param[name] ?? ''));
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (Array.isArray(value)) for (const each of value) parameters.append(name, toText(each));
    else if (toText(value) !== '') parameters.set(name, toText(value));
  return base + filled + (parameters.size === 0 ? '' : `?${parameters.toString()}`);
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
