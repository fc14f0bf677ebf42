import { createHash } from 'node:crypto';
import { z } from 'zod';
import { escapeHtml } from '#core/links/escape-html.ts';

const schemaSchema = z.looseObject({ $ref: z.string().optional() });
const contentSchema = z.record(z.string(), z.looseObject({ schema: schemaSchema.optional() })).optional();
const operationSchema = z.object({
  summary: z.string().default(''),
  tags: z.array(z.string()).default(['account']),
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

/** One style sheet, named by its hash; no script, no font, no image. */
export const referencePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** The reference of the API, made from its own document: plain HTML. */
export function referencePage(source: unknown): string {
  const { info, paths, components } = documentSchema.parse(source);
  const sections = [...operationsByTag(paths)].map(
    ([tag, operations]) => `<section><h2>${escapeHtml(tag)}</h2>${operations.join('')}</section>`,
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<h3 id="schema-${escapeHtml(name)}">${escapeHtml(name)}</h3><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre>`,
  );
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>${escapeHtml(info.title)} API</title><style>${style}</style></head><body><main>` +
    `<h1>${escapeHtml(info.title)} API</h1><p>${escapeHtml(info.description)}</p>` +
    `<p><a href="openapi.json">OpenAPI 3.1 document</a></p>${sections.join('')}` +
    `<h2>Schemas</h2>${schemas.join('')}</main></body></html>\n`
  );
}

function operationsByTag(paths: z.infer<typeof documentSchema>['paths']): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? '';
      tags.set(tag, [...(tags.get(tag) ?? []), operationHtml(path, method, operation)]);
    }
  return tags;
}

type Operation = z.infer<typeof operationSchema>;

function operationHtml(path: string, method: string, operation: Operation): string {
  const body = operation.requestBody && `<p>Body: ${contentHtml(operation.requestBody.content)}</p>`;
  const answers = Object.entries(operation.responses)
    .map(([status, { description, content }]) => row([status, escapeHtml(description), contentHtml(content)]))
    .join('');
  return (
    `<article><h3><span class="method">${method}</span> <code>${escapeHtml(path)}</code></h3>` +
    `<p>${escapeHtml(operation.summary)}</p>${parametersHtml(operation)}${body ?? ''}` +
    `<table><caption>Answers</caption>${answers}</table></article>`
  );
}

function contentHtml(content: z.infer<typeof contentSchema>): string {
  return Object.values(content ?? {})
    .map(({ schema }) => shapeHtml(schema))
    .join(' ');
}

function shapeHtml(schema: z.infer<typeof schemaSchema> | undefined): string {
  const name = nameOf(schema?.$ref);
  if (name !== undefined) return `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;
  return schema === undefined ? '' : `<code>${escapeHtml(JSON.stringify(schema))}</code>`;
}

function nameOf(reference: string | undefined): string | undefined {
  return reference?.split('/').at(-1);
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function parametersHtml({ parameters }: Operation): string {
  return parameters.length === 0
    ? ''
    : `<table><caption>Parameters</caption>${parameters
        .map(({ name, in: place, required, description, schema }) =>
          row([
            `<code>${escapeHtml(name)}</code>`,
            `${place}${required ? ', required' : ''}`,
            escapeHtml(description ?? ''),
            `<code>${escapeHtml(JSON.stringify(schema ?? {}))}</code>`,
          ]),
        )
        .join('')}</table>`;
}
