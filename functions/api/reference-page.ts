import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { z } from 'zod';
import { renderHtml } from '#core/links/html.ts';

const schemaSchema = z.looseObject({ $ref: z.string().optional() });
const contentSchema = z.record(z.string(), z.looseObject({ schema: schemaSchema.optional() })).optional();
const operationSchema = z.object({
  summary: z.string().default(''),
  description: z.string().default(''),
  tags: z.array(z.string()).default([]),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.boolean().default(false),
        description: z.string().optional(),
        schema: schemaSchema.optional(),
      }),
    )
    .default([]),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: contentSchema })),
});

const documentSchema = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()).default({}) }),
});

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}
h1,h2,h3{line-height:1.2}h2{margin-top:3rem}
article{border-top:1px solid #8886;padding:1rem 0}
code,pre{font:14px/1.5 ui-monospace,monospace}pre{overflow:auto;padding:1rem;background:#8881;border-radius:.5rem}
table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top}
.method{text-transform:uppercase;font-weight:700}`;

/** Allows this style only: no script, font or image. */
export const referencePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** Returns the API reference as HTML, from the OpenAPI document. */
export function referencePage(source: unknown): string {
  const { info, paths, components } = documentSchema.parse(source);
  const tags = Map.groupBy(listOperations(paths), ({ operation }) => operation.tags[0] ?? '');
  return renderHtml(html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${info.title} API</title><style>${raw(style)}</style></head><body><main>
<h1>${info.title} API</h1><p>${info.description}</p>
<p><a href="openapi.json">OpenAPI 3.1 document</a></p>
${[...tags].map(([tag, operations]) => html`<section><h2>${tag}</h2>${operations.map(renderOperation)}</section>`)}
<h2>Schemas</h2>
${Object.entries(components.schemas).map(
  ([name, schema]) => html`<h3 id="schema-${name}">${name}</h3><pre>${JSON.stringify(schema, null, 2)}</pre>`,
)}
</main></body></html>
`);
}

interface ListedOperation {
  path: string;
  method: string;
  operation: z.infer<typeof operationSchema>;
}

function listOperations(paths: z.infer<typeof documentSchema>['paths']): ListedOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

function renderOperation({ path, method, operation }: ListedOperation) {
  const { summary, description, parameters, requestBody, responses } = operation;
  return html`<article><h3><span class="method">${method}</span> <code>${path}</code></h3>
<p>${summary}. ${description}</p>
${parameters.length === 0 ? null : html`<table><caption>Parameters</caption>${parameters.map(renderParameter)}</table>`}
${requestBody && html`<p>Body: ${renderContent(requestBody.content)}</p>`}
<table><caption>Responses</caption>${Object.entries(responses).map(
    ([status, response]) =>
      html`<tr><td>${status}</td><td>${response.description}</td><td>${renderContent(response.content)}</td></tr>`,
  )}</table></article>`;
}

type Parameter = z.infer<typeof operationSchema>['parameters'][number];

function renderParameter({ name, in: place, required, description, schema }: Parameter) {
  return html`<tr><td><code>${name}</code></td><td>${place}${required ? ', required' : null}</td><td>${description}</td><td><code>${JSON.stringify(schema ?? {})}</code></td></tr>`;
}

function renderContent(content: z.infer<typeof contentSchema>) {
  return Object.values(content ?? {}).map(({ schema }) => renderSchema(schema));
}

function renderSchema(schema: z.infer<typeof schemaSchema> | undefined) {
  const name = schema?.$ref?.split('/').at(-1);
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`;
  return schema && html`<code>${JSON.stringify(schema)}</code>`;
}
