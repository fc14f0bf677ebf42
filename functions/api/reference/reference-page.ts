import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { renderHtml } from '#core/links/html.ts';
import { capitalize } from '#core/mails/incident-words.ts';
import { keyScopeOf } from '../principal.ts';
import { type ApiDocument, type JsonSchema, type Operation, parseDocument, resolve } from './document.ts';
import { referenceScript } from './page-script.ts';
import { referenceStyle } from './page-style.ts';
import { describeType, type Field, listFields, type PlainType, toField } from './plain-types.ts';
import { requestExample } from './request-examples.ts';
import { sampleOf } from './samples.ts';

/** Allows this style and this script only. The page loads nothing. */
export const referencePolicy = [
  "default-src 'none'",
  `style-src ${sourceOf(referenceStyle)}`,
  `script-src ${sourceOf(referenceScript)}`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/**
 * Returns the API reference as HTML, from the OpenAPI document. Without its script, it only lacks the search and the buttons
 * that copy.
 */
export function referencePage(source: unknown): string {
  const document = parseDocument(source);
  const groups = Map.groupBy(document.operations, ({ tags }) => tags[0]);
  return renderHtml(html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${document.title} API</title><style>${raw(referenceStyle)}</style></head><body>
${renderContents(groups, Object.keys(document.schemas))}
<main>
<h1>${document.title} API</h1>
${renderStart(document)}
${renderErrors(document.operations)}
${[...groups].map(
  ([tag, operations]) =>
    html`<section id="${tag.replaceAll(' ', '-')}"><h2>${capitalize(tag)}</h2>${operations.map((each) => renderOperation(each, document))}</section>`,
)}
<section id="objects"><h2>Objects</h2>${Object.entries(document.schemas).map(([name, schema]) => renderObject(name, schema, document))}</section>
</main><script>${raw(referenceScript)}</script></body></html>
`);
}

function renderContents(groups: ReadonlyMap<string, readonly Operation[]>, objects: readonly string[]) {
  return html`<nav aria-label="Contents"><details open><summary>Contents</summary>
<label class="search" hidden>Search<input type="search" autocomplete="off" spellcheck="false"></label><p role="status"></p>
<ul><li><a href="#authorization">Authorization</a></li><li><a href="#conventions">Conventions</a></li><li><a href="#errors">Errors</a></li></ul>
${[...groups].map(
  ([tag, operations]) =>
    html`<b>${capitalize(tag)}</b><ul>${operations.map(({ operationId }) => html`<li><a href="#${operationId}">${titleOf(operationId)}</a></li>`)}</ul>`,
)}
<b>Objects</b><ul>${objects.map((name) => html`<li><a href="#object-${name}">${name}</a></li>`)}</ul>
</details></nav>`;
}

function renderStart({ description, server }: ApiDocument) {
  return html`<p>${description}</p>
<p>Addresses begin with <code>${server}/api/v1</code>. For generated clients, there is the
<a href="openapi.json">OpenAPI 3.1 document</a>.</p>
<section id="authorization"><h2>Authorization</h2><p>Send the header <code>authorization</code>. The examples take its value
from a variable of the environment.</p>
<dl class="facts"><dt><code>Bearer hck_…</code></dt><dd>An API key. <a href="/app/keys">Create it in the dashboard</a>; it is shown once. It may do what
its owner may, within its scopes: <a href="#object-NewKey">NewKey</a>.</dd>
<dt><code>Bearer &lt;token&gt;</code></dt><dd>The id token of a user who is signed in with the OIDC issuer.</dd>
<dt><code>Share &lt;token&gt;</code></dt><dd>A share link, which reads the statistics of one page.</dd></dl></section>
<section id="conventions"><h2>Conventions</h2><dl class="facts">
<dt>Lists</dt><dd>Pass <code>next</code> of a response as <code>cursor</code> to continue. It is null at the end.</dd>
<dt>Retries</dt><dd>A POST with an <code>idempotency-key</code> is executed once in 24 hours; a repeat gets the first response.</dd>
<dt>Versions</dt><dd>Every response has an <code>etag</code>. With <code>if-none-match</code>, an unchanged resource is a 304. With
<code>if-match</code>, a PATCH, PUT or DELETE is refused with 412 if the resource has changed since.</dd>
<dt>Limits</dt><dd>600 requests a minute for each token, key and share. Above it, the response is 429 with <code>retry-after</code>.</dd>
</dl></section>`;
}

/** Each status once, with the methods that answer it if not all do. */
function renderErrors(operations: readonly Operation[]) {
  const all = new Set(operations.map(({ method }) => method));
  const methods = new Map<string, Set<string>>();
  for (const { method, responses } of operations)
    for (const [status, { description }] of Object.entries(responses).filter(([code]) => code >= '400')) {
      const key = `${status} ${description}`;
      methods.set(key, (methods.get(key) ?? new Set()).add(method));
    }
  return html`<section id="errors"><h2>Errors</h2><p>Errors are problem details (RFC 9457): see
<a href="#object-Problem">Problem</a>. <code>errors</code> names each invalid field, its value and what is allowed.</p>
<dl class="facts">${[...methods]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, own]) => {
      const [status = ''] = key.split(' ', 1);
      const only = own.size === all.size ? '' : ` (${[...own].map((method) => method.toUpperCase()).join(', ')})`;
      return html`<dt><code>${status}</code></dt><dd>${renderText(key.slice(status.length + 1))}${only}</dd>`;
    })}</dl></section>`;
}

function renderOperation(operation: Operation, document: ApiDocument) {
  const { operationId, method, path, summary, parameters, body, success } = operation;
  const { schemas } = document;
  const fields = parameters.map((parameter) => ({ ...parameter, place: parameter.in }));
  const { curl, typescript } = requestExample(operation, document);
  return html`<article id="${operationId}"><div class="words"><h3>${titleOf(operationId)}</h3>
<p class="address"><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></p>
<p>${renderText(summary)}.</p><p class="soft">${renderText(operation.description + describeScope(operation))}</p>
${(['path', 'query'] as const).map((place) =>
  renderFields(
    `${capitalize(place)} parameters`,
    fields.filter((each) => each.place === place).map((each) => toField(each, schemas)),
  ),
)}
${body && renderFields('Body', listFields(body, schemas), describeType(body, schemas))}
<h4>Response <code>${success.status}</code></h4><p>${renderText(success.description)}${success.schema && html`: ${renderType(describeType(success.schema, schemas))}`}.</p></div>
<div class="code">${renderExample(operationId, { curl, typescript })}${
    success.schema &&
    html`<details><summary>Example response</summary><div class="example"><pre><code>${JSON.stringify(sampleOf(success.schema, schemas, 'all'), null, 2)}</code></pre></div></details>`
  }</div></article>`;
}

function describeScope({ 'x-callers': callers, method, path }: Operation): string {
  if (callers === 'share' || callers === 'anyone') return '';
  const scope = keyScopeOf(method.toUpperCase(), path);
  return scope === undefined ? ' Not with an API key.' : ` API keys need the scope \`${scope}\`.`;
}

function renderExample(id: string, texts: { curl: string; typescript: string }) {
  return html`<div class="example" role="group" aria-label="Example request">
<input type="radio" id="${id}-curl" name="${id}" value="curl" checked><label for="${id}-curl">curl</label>
<input type="radio" id="${id}-typescript" name="${id}" value="typescript"><label for="${id}-typescript">TypeScript</label>
<pre class="curl"><code>${texts.curl}</code></pre><pre class="typescript"><code>${texts.typescript}</code></pre></div>`;
}

function renderObject(name: string, schema: JsonSchema, { schemas, operations }: ApiDocument) {
  const fields = listFields(withDescriptions(schema, schemas[`New${name}`]), schemas);
  const isSent = operations.some(({ body }) => body && resolve(body, schemas).name === name);
  return html`<article id="object-${name}"><div class="words"><h3>${name}</h3>${schema.description && html`<p>${renderText(schema.description)}.</p>`}
${fields.length === 0 ? html`<p>${renderType(describeType(schema, schemas))}</p>` : renderList(fields, isSent ? 'sent' : 'received')}</div></article>`;
}

/** Describes a field as it is described where it is sent: `Link` as `NewLink`. */
function withDescriptions(schema: JsonSchema, sent: JsonSchema | undefined): JsonSchema {
  const properties = Object.entries(schema.properties).map(([name, part]) => [
    name,
    { ...part, description: part.description ?? sent?.properties[name]?.description },
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** @param type of an object that has a name, which is then linked instead of its fields */
function renderFields(title: string, fields: readonly Field[], type?: PlainType) {
  if (fields.length === 0) return null;
  return html`<h4>${title}</h4>${type?.object === undefined ? null : html`<p class="soft">${renderType(type)}</p>`}${renderList(fields, 'sent')}`;
}

function renderList(fields: readonly Field[], use: 'sent' | 'received'): ReturnType<typeof html> {
  return html`<ul class="fields">${fields.map(
    ({ name, type, required, description, fields: own }) =>
      html`<li><code>${name}</code> <span class="type">${renderType(type)}${use === 'sent' ? renderNeed(type, required) : null}</span>
${description === '' ? null : html`<p>${renderText(description)}</p>`}${own.length === 0 ? null : renderList(own, use)}</li>`,
  )}</ul>`;
}

function renderNeed({ initial }: PlainType, required: boolean) {
  if (required) return html` <b>required</b>`;
  return initial === undefined ? null : html` · default <code>${initial}</code>`;
}

function renderType({ text, object, limits }: PlainType) {
  const [before = '', after = ''] = object === undefined ? [text] : text.split(object, 2);
  return html`${renderText(before)}${object && html`<a href="#object-${object}">${object}</a>`}${renderText(after)}${limits.map((limit) => html` · ${renderText(limit)}`)}`;
}

/** Text between backticks is code. */
function renderText(text: string) {
  return text.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`));
}

/** `getPageStats`: `Get page stats` */
function titleOf(operationId: string): string {
  return capitalize(operationId.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
}
