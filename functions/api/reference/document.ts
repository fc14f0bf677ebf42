import { z } from 'zod';

/** The part of JSON Schema that the API's schemas use. */
const jsonSchemaSchema = z.object({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  example: z.unknown().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  maxProperties: z.number().optional(),
  required: z.array(z.string()).default([]),
  get items() {
    return jsonSchemaSchema.optional();
  },
  get properties() {
    return z.record(z.string(), jsonSchemaSchema).default({});
  },
  get propertyNames() {
    return jsonSchemaSchema.optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), jsonSchemaSchema]).optional();
  },
  get anyOf() {
    return z.array(jsonSchemaSchema).optional();
  },
});
export type JsonSchema = z.infer<typeof jsonSchemaSchema>;

const contentSchema = z.record(z.string(), z.object({ schema: jsonSchemaSchema.optional() })).default({});

const operationSchema = z.object({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().default(''),
  tags: z.tuple([z.string()], z.string()),
  'x-callers': z.string(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean().default(false),
        description: z.string().optional(),
        schema: jsonSchemaSchema,
      }),
    )
    .default([]),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: contentSchema })),
});

const documentSchema = z.object({
  info: z.object({ title: z.string(), description: z.string() }),
  tags: z.array(z.object({ name: z.string() })),
  servers: z.tuple([z.object({ url: z.string() })]),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), jsonSchemaSchema) }),
});

/** One route of the API. */
export interface Operation extends z.infer<typeof operationSchema> {
  method: string;
  path: string;
  body: JsonSchema | undefined;
  /** The response of a request that succeeds; without a schema if it has no body. */
  success: { status: string; description: string; schema: JsonSchema | undefined };
}

export interface ApiDocument {
  title: string;
  description: string;
  /** `https://go.example` */
  server: string;
  /** In the order of the document's tags. */
  operations: readonly Operation[];
  /** Named schemas. */
  schemas: Readonly<Record<string, JsonSchema>>;
}

/** Parses the API's own OpenAPI document. @throws {z.ZodError} if it uses more than the reference shows */
export function parseDocument(source: unknown): ApiDocument {
  const { info, tags, servers, paths, components } = documentSchema.parse(source);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => toOperation(method, path, operation)),
  );
  const ranks = new Map(tags.map(({ name }, rank) => [name, rank]));
  operations.sort((a, b) => (ranks.get(a.tags[0]) ?? Infinity) - (ranks.get(b.tags[0]) ?? Infinity));
  return { ...info, server: servers[0].url, operations, schemas: components.schemas };
}

function toOperation(method: string, path: string, operation: z.infer<typeof operationSchema>): Operation {
  const [status, { description, content }] = Object.entries(operation.responses).find(([code]) => code < '300') ?? [
    '200',
    { description: '', content: {} },
  ];
  return {
    ...operation,
    method,
    path,
    body: operation.requestBody?.content['application/json']?.schema,
    success: { status, description, schema: content['application/json']?.schema },
  };
}

/** Returns the schema behind references, and whether it may be null. */
export function resolve(
  schema: JsonSchema,
  schemas: ApiDocument['schemas'],
): { schema: JsonSchema; name?: string; nullable: boolean } {
  const name = schema.$ref?.split('/').at(-1);
  const named = name === undefined ? undefined : schemas[name];
  if (name !== undefined && named) return { schema: named, name, nullable: false };
  const [only, second] = alternativesOf(schema);
  if (only && second === undefined) return { ...resolve(only, schemas), nullable: true };
  return { schema, nullable: Array.isArray(schema.type) && schema.type.includes('null') };
}

/** Returns the type of a value that is not null. */
export function typeOf({ type }: JsonSchema): string | undefined {
  return Array.isArray(type) ? type.find((each) => each !== 'null') : type;
}

/** Returns the alternatives of a union, without null. */
export function alternativesOf({ anyOf = [] }: JsonSchema): JsonSchema[] {
  return anyOf.filter(({ type }) => type !== 'null');
}
