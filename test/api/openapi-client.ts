import { z } from 'zod';
import type { World } from './world.ts';

/** A client built from an OpenAPI document. It checks its requests and the responses against the document. */

const schemaSchema = z.record(z.string(), z.unknown());
const contentSchema = z.record(z.string(), z.object({ schema: schemaSchema }));
const operationSchema = z.object({
  operationId: z.string(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean().default(false),
        schema: schemaSchema,
      }),
    )
    .default([]),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: contentSchema.optional() })),
});
const openApiSchema = z.object({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(
    z.string().startsWith('/'),
    z.record(z.enum(['get', 'post', 'put', 'patch', 'delete']), operationSchema.optional()),
  ),
  components: z.object({
    schemas: z.record(z.string(), schemaSchema),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })),
  }),
  security: z.array(z.record(z.string(), z.array(z.string()))),
});
export type OpenApi = z.infer<typeof openApiSchema>;

/** Reads the document that the API serves. */
export async function readDocument(world: Pick<World, 'ask'>): Promise<OpenApi> {
  return openApiSchema.parse(await (await world.ask('', 'openapi.json')).json());
}

export interface Operation extends z.infer<typeof operationSchema> {
  method: string;
  path: string;
}

export interface Call {
  parameters?: Readonly<Record<string, string | number>>;
  body?: unknown;
}

/** Creates one function per operation. Requests that the document does not allow are not sent. */
export function clientOf(document: OpenApi, send: (request: Request) => Promise<Response>, authorization: string) {
  const operations = new Map(operationsOf(document).map((operation) => [operation.operationId, operation]));
  return async (name: string, { parameters = {}, body }: Call = {}): Promise<{ status: number; answer: unknown }> => {
    const operation = operations.get(name);
    if (!operation) throw new Error(`the document has no operation "${name}"`);
    const places = new Map(operation.parameters.map((parameter) => [parameter.name, parameter]));
    const query = new URLSearchParams();
    let path = operation.path;
    for (const [key, value] of Object.entries(parameters)) {
      const place = places.get(key)?.in;
      if (place === undefined) throw new Error(`${name} has no parameter "${key}"`);
      if (place === 'path') path = path.replace(`{${key}}`, encodeURIComponent(value));
      else query.set(key, String(value));
    }
    const url = `http://localhost${path}?${query}`;
    const requestSchema = operation.requestBody?.content['application/json']?.schema;
    if (requestSchema) parserOf(document, requestSchema).parse(body);
    const headers = { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) };
    const response = await send(
      new Request(url, {
        method: operation.method.toUpperCase(),
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const described = operation.responses[String(response.status)];
    if (!described) throw new Error(`${name} answered ${response.status}, which the document does not describe`);
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const schema = described.content?.[type]?.schema;
    return {
      status: response.status,
      answer: schema ? parserOf(document, schema).parse(await response.json()) : undefined,
    };
  };
}

export function operationsOf(document: OpenApi): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => (operation ? [{ ...operation, method, path }] : [])),
  );
}

/** Creates a parser from a schema, with its references resolved. @throws {Error} if the schema is invalid */
export function parserOf(document: OpenApi, schema: Record<string, unknown>): z.ZodType {
  const local = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(local.replaceAll('#/components/schemas/', '#/$defs/')));
}
